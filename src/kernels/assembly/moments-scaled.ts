// The moments of a tile's slice whose deviations, or whose weights, are so large or so small that powers of them leave the
// range of a double: of values and weights scaled by powers of two, in as many passes as that takes.
import { exponentOf, scaleBy } from './binary-scale';
import { addTile, isSafe, stateExponent } from './moments-state';

@inline
function weightAt(w: usize, at: usize): f64 {
  return w == 0 ? 1 : load<f64>(w + at);
}

/**
 * Whether sums of powers of the differences to `near` have to be taken again: they left the safe range, and the values are
 * neither all equal nor infinite or NaN.
 */
export function needsScale(x: usize, count: i32, step: usize, near: f64, fourth: f64): bool {
  if (isSafe(fourth)) return false;
  const end = x + <usize>count * step;
  if (step == 8) x = skipEqual(x, end, near);
  while (x < end && load<f64>(x) == near) x += step;
  if (x >= end) return false;
  for (; x < end; x += step) {
    const value = load<f64>(x);
    if (value - value != 0) return false;
  }
  return true;
}

/** Whether two neighbouring columns, or the first alone, hold nothing but their mean. */
export function areEqual(x: usize, rows: i32, step: usize, mean0: f64, mean1: f64, second: bool): bool {
  const means = f64x2.replace_lane(f64x2.splat(mean0), 1, mean1);
  const counted = second ? i64x2.splat(-1) : i64x2(-1, 0);
  for (const end = x + <usize>rows * step; x < end; x += step) {
    if (v128.any_true(v128.and(f64x2.ne(v128.load(x), means), counted))) return false;
  }
  return true;
}

/** The address of the first values, eight at once, that are not all `value`. */
function skipEqual(x: usize, end: usize, value: f64): usize {
  const wanted = f64x2.splat(value);
  for (; x + 64 <= end; x += 64) {
    const low = v128.or(f64x2.ne(v128.load(x), wanted), f64x2.ne(v128.load(x, 16), wanted));
    const high = v128.or(f64x2.ne(v128.load(x, 32), wanted), f64x2.ne(v128.load(x, 48), wanted));
    if (v128.any_true(v128.or(low, high))) break;
  }
  return x;
}

/** Adds finite values, `step` bytes apart, to a state. @param w address of a weight for each, or 0 */
export function addScaled(x: usize, w: usize, count: i32, step: usize, state: usize, field: usize): void {
  let largest: f64 = 0, heaviest: f64 = 0, total: f64 = 0;
  for (let i = 0, at: usize = 0; i < count; i++) {
    const weight = weightAt(w, at);
    if (weight != 0) largest = max(largest, abs(load<f64>(x + at)));
    heaviest = max(heaviest, weight);
    total += weight;
    at += step;
  }
  if (total == 0) return;
  // A little lower, so that a difference of two fits.
  const unit = largest == 0 ? 0 : exponentOf(largest) + 2;
  const heft = exponentOf(heaviest);
  const near = meanIn(unit, heft, x, w, count, step);
  let far: f64 = 0;
  for (let i = 0, at: usize = 0; i < count; i++) {
    if (weightAt(w, at) != 0) far = max(far, abs(valueIn(unit, x + at) - near));
    at += step;
  }
  const spread = far == 0 ? 0 : exponentOf(far);
  const exponent = far == 0 ? 0 : stateExponent(spread + unit, total);
  let s1: f64 = 0, s2: f64 = 0, s3: f64 = 0, s4: f64 = 0;
  for (let i = 0, at: usize = 0; far != 0 && i < count; i++) {
    const weight = scaleBy(weightAt(w, at), -heft);
    const d = scaleBy(valueIn(unit, x + at) - near, -spread);
    const d2 = d * d * weight;
    s1 += d * weight;
    s2 += d2;
    s3 += d2 * d;
    s4 += d2 * d * d;
    at += step;
  }
  const back = spread + unit - exponent;
  addTile(state, field, total, scaleBy(near, unit - exponent), scaleBy(s1, back + heft), scaleBy(s2, 2 * back + heft),
    scaleBy(s3, 3 * back + heft), scaleBy(s4, 4 * back + heft), exponent);
}

@inline
function valueIn(unit: f64, at: usize): f64 {
  return scaleBy(load<f64>(at), -unit);
}

function meanIn(unit: f64, heft: f64, x: usize, w: usize, count: i32, step: usize): f64 {
  let sum: f64 = 0, total: f64 = 0;
  for (let i = 0, at: usize = 0; i < count; i++) {
    const weight = scaleBy(weightAt(w, at), -heft);
    if (weight != 0) sum += weight * valueIn(unit, x + at);
    total += weight;
    at += step;
  }
  return sum / total;
}
