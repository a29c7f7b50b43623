// Powers of two as factors that lose no digit, for what leaves the range of a double on the way.

const SMALLEST_NORMAL: f64 = 2.2250738585072014e-308;

/** 2^exponent for a whole exponent, through subnormals to 0 and up to infinity. */
export function powerOfTwo(exponent: f64): f64 {
  if (exponent > 1023) return exponent > 1024 ? Infinity : 2 * reinterpret<f64>(<u64>2046 << 52);
  if (exponent < -1074) return 0;
  if (exponent < -1022) return reinterpret<f64>(<u64>1 << <u64>(exponent + 1074));
  return reinterpret<f64>(<u64>(<i64>exponent + 1023) << 52);
}

/** value * 2^exponent, the exponent whole, without an early overflow or underflow. */
@inline
export function scaleBy(value: f64, exponent: f64): f64 {
  if (value == 0 || exponent == 0) return value;
  const half = floor(exponent / 2);
  return value * powerOfTwo(half) * powerOfTwo(exponent - half);
}

/** floor(log2 |value|) of a finite value other than 0. */
export function exponentOf(value: f64): f64 {
  // Subnormals are lifted into the normal range first, so that the exponent bits can be read.
  const magnitude = abs(value);
  const lift: f64 = magnitude < SMALLEST_NORMAL ? 54 : 0;
  const bits = reinterpret<u64>(lift == 0 ? magnitude : magnitude * 18014398509481984);
  return <f64>(<i64>(bits >> 52) - 1023) - lift;
}
