// Logarithms of a tile and their inverses, in place; what has no image becomes NaN, or -Infinity where the domain ends.
import { expm1Pair, expPair, log1pPair, logPair } from './exponential';

const LOG = 0;
const LOG_INVERSE = 1;
const LOG1P = 2;
const LOG1P_INVERSE = 3;
const SYMLOG = 4;
const SYMLOG_INVERSE = 5;
const ASINH = 6;

/** From here on 1 + x^2 is x^2 to the last digit. */
const FAR: f64 = 2 ** 28;
/** From here on e^x comes near the largest double; its square root does not. */
const STEEP: f64 = 700;

@inline
function withSignOf(magnitude: v128, x: v128): v128 {
  return v128.bitselect(x, magnitude, i64x2.splat(i64.MIN_VALUE));
}

/** asinh |x| = log1p(|x| + x^2 / (1 + sqrt(1 + x^2))), which loses nothing near 0; log |x| + log 2 far from it. */
@inline
function asinhOf(x: v128): v128 {
  const one = f64x2.splat(1), magnitude = f64x2.abs(x);
  const square = f64x2.mul(x, x);
  const more = f64x2.div(square, f64x2.add(one, f64x2.sqrt(f64x2.add(one, square))));
  const near = log1pPair(f64x2.add(magnitude, more));
  const far = f64x2.gt(magnitude, f64x2.splat(FAR));
  if (!v128.any_true(far)) return withSignOf(near, x);
  return withSignOf(v128.bitselect(f64x2.add(logPair(magnitude), f64x2.splat(Math.LN2)), near, far), x);
}

/** sinh |y| = (e + e / (e + 1)) / 2 with e = e^|y| - 1. */
@inline
function sinhOf(y: v128): v128 {
  const magnitude = f64x2.abs(y), half = f64x2.splat(0.5);
  const e = expm1Pair(magnitude);
  const near = f64x2.mul(f64x2.add(e, f64x2.div(e, f64x2.add(e, f64x2.splat(1)))), half);
  const steep = f64x2.gt(magnitude, f64x2.splat(STEEP));
  if (!v128.any_true(steep)) return withSignOf(near, y);
  const root = expPair(f64x2.mul(magnitude, half));
  return withSignOf(v128.bitselect(f64x2.mul(f64x2.mul(root, half), root), near, steep), y);
}

@inline
function imageOf(kind: i32, x: v128): v128 {
  if (kind == LOG) return logPair(x);
  if (kind == LOG_INVERSE) return expPair(x);
  if (kind == LOG1P) return log1pPair(x);
  if (kind == LOG1P_INVERSE) return expm1Pair(x);
  if (kind == SYMLOG) return withSignOf(log1pPair(f64x2.abs(x)), x);
  if (kind == SYMLOG_INVERSE) return withSignOf(expm1Pair(f64x2.abs(x)), x);
  if (kind == ASINH) return asinhOf(x);
  return sinhOf(x);
}

@inline
function along(kind: i32, x: usize, count: i32): void {
  for (const end = x + ((<usize>count) << 3); x < end; x += 16) {
    const y = imageOf(kind, v128.load(x));
    if (x + 8 == end) store<f64>(x, f64x2.extract_lane(y, 0));
    else v128.store(x, y);
  }
}

/** Each value's logarithm of a kind, or the inverse. */
export function log_step(kind: i32, x: usize, count: i32): void {
  if (kind == LOG) along(LOG, x, count);
  else if (kind == LOG_INVERSE) along(LOG_INVERSE, x, count);
  else if (kind == LOG1P) along(LOG1P, x, count);
  else if (kind == LOG1P_INVERSE) along(LOG1P_INVERSE, x, count);
  else if (kind == SYMLOG) along(SYMLOG, x, count);
  else if (kind == SYMLOG_INVERSE) along(SYMLOG_INVERSE, x, count);
  else if (kind == ASINH) along(ASINH, x, count);
  else along(ASINH + 1, x, count);
}

/** How many values are not above a bound; NaN is not counted. */
export function count_at_most(x: usize, count: i32, bound: f64): i32 {
  const bounds = f64x2.splat(bound);
  let counts = i64x2.splat(0);
  const end = x + ((<usize>count) << 3);
  for (; x + 16 <= end; x += 16) counts = i64x2.sub(counts, f64x2.le(v128.load(x), bounds));
  let total = <i32>(i64x2.extract_lane(counts, 0) + i64x2.extract_lane(counts, 1));
  if (x < end && load<f64>(x) <= bound) total++;
  return total;
}
