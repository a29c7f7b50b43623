import { free } from './free.ts';

type Growing = Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Room for `length` values, of which the first are the `kept` first ones that are there. The memory that they had is freed. */
export function grow<Values extends Growing>(values: Values, kept: number, length: number): Values {
  const larger = new (values.constructor as new (length: number) => Values)(length);
  larger.set(values.subarray(0, kept));
  free(values.buffer);
  return larger;
}
