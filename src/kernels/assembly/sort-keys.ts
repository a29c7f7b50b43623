// Keys: integers that order as the float64 values do, −0 before 0.

/** Flips a negative's magnitude bits: what orders sign and magnitude then orders two's complement. Its own inverse. */
@inline
export function keyOf(bits: i64): i64 {
  return bits ^ <i64>(<u64>(bits >> 63) >> 1);
}
