import { Problem } from '#errors.ts';
import type { CarriedType } from '#tensor/carried.ts';
import { viewAs } from './typed-arrays.ts';

/** Powers of ten that a double holds exactly. */
const maxExactPower = 22;

/**
 * Decimals, little-endian in two's complement, as the doubles nearest to them.
 * @throws Problem not_exact for a whole number that a double cannot hold
 */
export function decimalNumbers(
  name: string,
  { bits, scale }: CarriedType & { kind: 'decimal' },
  length: number,
  data: Uint8Array,
  validity?: Uint8Array,
): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(length);
  const words = viewAs(bits === 32 ? 'int32' : 'uint64', data, (length * Math.max(bits, 32)) / Math.min(bits, 64));
  const perValue = bits === 32 ? 1 : bits / 64;
  for (let row = 0; row < length; row++) {
    if (validity && ((validity[row >> 3] >> (row & 7)) & 1) === 0) continue;
    const unscaled = bits === 32 ? Number(words[row]) : join(words as BigUint64Array, row * perValue, perValue, bits);
    numbers[row] = scaleDown(unscaled, scale, name);
  }
  return numbers;
}

function join(words: BigUint64Array, from: number, count: number, bits: number): bigint {
  let value = 0n;
  for (let word = count - 1; word >= 0; word--) value = (value << 64n) | words[from + word];
  return BigInt.asIntN(bits, value);
}

function scaleDown(unscaled: number | bigint, scale: number, name: string): number {
  const integer = Number(unscaled);
  const isExact = Number.isSafeInteger(integer);
  // The quotient of two exact doubles is rounded once, so it is the nearest one.
  if (isExact && scale >= 0 && scale <= maxExactPower) return integer / 10 ** scale;
  const value = Number(`${unscaled}e${-scale}`);
  if (scale <= 0 && BigInt(value) !== BigInt(unscaled) * 10n ** BigInt(-scale)) {
    throw new Problem(
      'not_exact',
      `Column ${JSON.stringify(name)} holds the decimal ${unscaled}e${-scale}, which a double cannot hold exactly.`,
    );
  }
  return value;
}
