import { free } from './free.ts';

type Growing = Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Reallocates to `length` values, copies the first `kept` ones, and frees the old memory. */
export function grow<Values extends Growing>(values: Values, kept: number, length: number): Values {
  const larger = new (values.constructor as new (length: number) => Values)(length);
  larger.set(values.subarray(0, kept));
  free(values.buffer);
  return larger;
}
