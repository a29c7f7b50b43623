// Powers of ten.

/** Those that are doubles. */
export const MOST_EXACT = 22;
const doubles = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]);

/** 10^power, for powers from 0 to 22. */
@inline
export function tenTo(power: i32): f64 {
  return load<f64>(doubles + ((<usize>power) << 3));
}

const integers = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
]);

/** 10^power as an integer, for powers from 0 to 19. */
@inline
export function integerTenTo(power: i32): u64 {
  return load<u64>(integers + ((<usize>power) << 3));
}

/** Digits of a number below 10^19; 1 of 0. */
@inline
export function countDigits(x: u64): i32 {
  // 1233 / 2^12 is log10(2).
  const least = ((64 - <i32>clz(x | 1)) * 1233) >> 12;
  return least + (x >= integerTenTo(least) ? 1 : 0) + (x == 0 ? 1 : 0);
}
