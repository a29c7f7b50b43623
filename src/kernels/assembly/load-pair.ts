// Two neighbouring values as a vector of float64, loaded from float64 or straight from float32.

/** The pair that begins `skipped` values after `x`. */
@inline
export function pairAt<T extends number>(x: usize, skipped: usize): v128 {
  if (sizeof<T>() == 4) return f64x2.promote_low_f32x4(v128.load64_zero(x + 4 * skipped));
  return v128.load(x + 8 * skipped);
}
