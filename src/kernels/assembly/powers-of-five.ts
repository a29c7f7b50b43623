// Powers of five in 128 bits, and the product of 64 bits by 64 bits that they are used with.

export const LEAST_POWER = -342;
const MOST_POWER = 324;

/** The first 128 bits of each, high half first. Filled by src/kernels/powers-of-five.ts: written here they would be longer than all kernels. */
const powersOfFive = memory.data(16 * (MOST_POWER - LEAST_POWER + 1), 16);

export function powers_of_five(): usize {
  return powersOfFive;
}

/** Where the bits of 5^power are. */
@inline
export function placeOf(power: i32): usize {
  return powersOfFive + ((<usize>(power - LEAST_POWER)) << 4);
}

/** floor(log2(10^power)), for the powers there are: 217706 / 2^16 is log2(10). */
@inline
export function exponentOf(power: i32): i32 {
  return (217706 * power) >> 16;
}

const LOW: u64 = 0xffffffff;

/** The upper 64 bits of a product; the lower are those of `a * b`. */
@inline
export function highProduct(a: u64, b: u64): u64 {
  const a0 = a & LOW, a1 = a >> 32, b0 = b & LOW, b1 = b >> 32;
  const cross0 = a0 * b1, cross1 = a1 * b0;
  const middle = ((a0 * b0) >> 32) + (cross0 & LOW) + cross1;
  return a1 * b1 + (cross0 >> 32) + (middle >> 32);
}
