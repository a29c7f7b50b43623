// The power transforms relative to a reference value of their slice, for data far from zero: there the powers themselves
// are all but equal, and their differences are lost in rounding. With a reference r, base = 1 + |r| for Yeo-Johnson and r
// for Box-Cox, what is computed is (psi(x) - psi(r)) / base^lambda: Box-Cox of the quotient of two bases. Standardizing
// takes that back.
import { expm1Pair, expPair, log1pPair, logPair } from './exponential';
import { grow, shrink, transform, YEO_JOHNSON, YEO_JOHNSON_INVERSE, BOX_COX } from './power';

/** Below this share of the base a logarithm of the quotient is better than one of what is missing from 1. */
const HALF: f64 = -0.5;

/** log((shift + x) / base), base = shift + reference, for x and reference >= 0. */
@inline
function logOfQuotient(x: v128, reference: v128, base: v128, shift: v128): v128 {
  const share = f64x2.div(f64x2.sub(x, reference), base);
  const log = log1pPair(share);
  const far = v128.or(f64x2.lt(share, f64x2.splat(HALF)), f64x2.eq(share, f64x2.splat(Infinity)));
  if (!v128.any_true(far)) return log;
  return v128.bitselect(f64x2.sub(logPair(f64x2.add(shift, x)), logPair(base)), log, far);
}

/** The x of `logOfQuotient`. */
@inline
function valueOfLog(log: v128, reference: v128, base: v128, shift: v128): v128 {
  const near = f64x2.add(reference, f64x2.mul(base, expm1Pair(log)));
  const far = f64x2.sub(f64x2.mul(base, expPair(log)), shift);
  return v128.bitselect(far, near, f64x2.lt(log, f64x2.splat(HALF)));
}

function boxCoxNear(inverse: bool, x: v128, lambda: v128, reference: v128): v128 {
  const none = f64x2.splat(0);
  if (inverse) return valueOfLog(shrink(lambda, x), reference, reference, none);
  return grow(lambda, logOfQuotient(x, reference, reference, none));
}

/** On the reference's side of zero as Box-Cox of 1 + |x|; a value beyond zero is measured from there. */
function yeoJohnsonNear(inverse: bool, x: v128, lambda: v128, reference: v128): v128 {
  const one = f64x2.splat(1), zero = f64x2.splat(0);
  const sign = v128.and(reference, i64x2.splat(i64.MIN_VALUE));
  const own = v128.bitselect(f64x2.sub(f64x2.splat(2), lambda), lambda, f64x2.lt(reference, zero));
  const other = f64x2.sub(f64x2.splat(2), own);
  const from = f64x2.abs(reference), base = f64x2.add(one, from);
  const length = log1pPair(from);
  // What zero becomes, with the sign turned.
  const ofZero = grow(f64x2.neg(own), length);
  const value = v128.xor(x, sign);
  let y: v128;
  if (inverse) {
    const beyond = f64x2.lt(value, f64x2.neg(ofZero));
    y = valueOfLog(shrink(own, value), from, base, one);
    if (v128.any_true(beyond)) {
      const growth = f64x2.mul(f64x2.sub(f64x2.neg(value), ofZero), expPair(f64x2.mul(own, length)));
      y = v128.bitselect(f64x2.neg(expm1Pair(shrink(other, growth))), y, beyond);
    }
  } else {
    const beyond = f64x2.lt(value, zero);
    y = grow(own, logOfQuotient(f64x2.max(value, zero), from, base, one));
    if (v128.any_true(beyond)) {
      const growth = f64x2.mul(grow(other, log1pPair(f64x2.abs(value))), expPair(f64x2.neg(f64x2.mul(own, length))));
      y = v128.bitselect(f64x2.neg(f64x2.add(growth, ofZero)), y, beyond);
    }
  }
  return v128.xor(y, sign);
}

function near(kind: i32, x: v128, lambda: v128, reference: v128): v128 {
  const isYeoJohnson = kind == YEO_JOHNSON || kind == YEO_JOHNSON_INVERSE;
  const y = isYeoJohnson
    ? yeoJohnsonNear(kind == YEO_JOHNSON_INVERSE, x, lambda, reference)
    : boxCoxNear(kind != BOX_COX, x, lambda, reference);
  const hasNone = f64x2.eq(reference, f64x2.splat(isYeoJohnson ? 0 : 1));
  return v128.any_true(hasNone) ? v128.bitselect(transform(kind, x, lambda), y, hasNone) : y;
}

/**
 * The power transform relative to a reference per slice, or its inverse, in place, with lambdas and references one per row
 * (mode 1), one per column (2) or one for all (0). A reference of 0 (Yeo-Johnson) or 1 (Box-Cox) is none: there it is
 * `power_step`.
 */
export function power_near_step(
  kind: i32,
  x: usize,
  rows: i32,
  columns: i32,
  lambdas: usize,
  references: usize,
  mode: i32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const slice = (<usize>(mode == 0 ? 0 : mode == 1 ? row : column)) << 3;
      const y = near(kind, v128.load64_splat(x), v128.load64_splat(lambdas + slice), v128.load64_splat(references + slice));
      store<f64>(x, f64x2.extract_lane(y, 0));
      x += 8;
    }
  }
}
