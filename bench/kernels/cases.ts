import type { Axis } from '#tensor/axis.ts';
import { seeded } from '../../test/seeded.ts';

export type Elements = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** The array that cases compute on. */
export interface Given {
  dtype: 'float32' | 'float64' | 'uint8';
  elements: Elements;
  shape: number[];
}

/** What is computed of an array, by Norma here and by others elsewhere. */
export interface Case {
  /** Its name in in_process.py, too. */
  what: string;
  axis: Extract<Axis, number | null>;
  /** At most this many times the memory copy of the same array, or what NumPy takes. */
  target?: { memcpy: number } | { numpy: number };
  compute(): unknown;
}

const dtypes = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array };

/** Drawing is slow: of more values, the first are repeated. */
const mostDrawn = 10 ** 7;

/** Values from a normal distribution, or bytes of which four in five are 0, in rows of 1000 (100 of few). */
export function givenOf(dtype: Given['dtype'], count: number): Given {
  const elements = new dtypes[dtype](count);
  const random = seeded(count);
  const byte = () => (random() < 0.8 ? 0 : 1 + Math.floor(random() * 255));
  const float = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const one = dtype === 'uint8' ? byte : float;
  const drawn = Math.min(count, mostDrawn);
  for (let at = 0; at < drawn; at++) elements[at] = one();
  for (let at = drawn; at < count; at += drawn) elements.copyWithin(at, 0, Math.min(drawn, count - at));
  const columns = count > 1000 ? 1000 : 100;
  return { dtype, elements, shape: [count / columns, columns] };
}
