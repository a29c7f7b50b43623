import assert from 'node:assert/strict';

/** The number that Python's `float.hex` wrote. */
export function fromHex(text: string): number {
  if (text === 'nan') return NaN;
  const [, sign, whole, fraction, exponent] = /^(-?)0x(\d)\.?([0-9a-f]*)p([-+]\d+)$/.exec(text) ?? assert.fail(text);
  const size = Number(`0x${whole}${fraction}`) * 2 ** -(4 * fraction.length) * 2 ** Number(exponent);
  return sign === '-' ? -size : size;
}
