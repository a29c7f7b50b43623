/** The smallest positive double that has all its digits. */
export const smallestNormal = 2 ** -1022;

/** Exponents up to this are factors that lose no digit. */
const maxStep = 1000;

/** Beyond this every double becomes 0 or infinite. */
const maxExponent = 4000;

/** `value · 2^exponent` for a whole exponent: rounded once, without an early overflow or underflow. */
export function scaleBy(value: number, by: number): number {
  const exponent = Math.max(-maxExponent, Math.min(maxExponent, by));
  // The odd part first: only the last factor can lead to a subnormal number.
  let scaled = value * 2 ** (exponent % maxStep);
  for (let steps = Math.trunc(exponent / maxStep); steps > 0; steps--) scaled *= 2 ** maxStep;
  for (let steps = Math.trunc(exponent / maxStep); steps < 0; steps++) scaled *= 2 ** -maxStep;
  return scaled;
}
