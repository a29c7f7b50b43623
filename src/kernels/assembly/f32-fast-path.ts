// One or two arithmetic steps from float32 to float32 through registers, group by group. It ends before a group whose
// results are not certain to be those of float64 arithmetic, rounded once, or are not finite: that one goes the general way.
import { ADD, DIVIDE, MULTIPLY, pairs, SUBTRACT } from './elementwise';
import { pairAt } from './load-pair';

/** Values of a group. */
const GROUP = 8;

const GROUP_BYTES: usize = 4 * 8;

/** No first step. */
export const NONE = -1;

/** The pair `skipped` values after `x`, after the first step. */
@inline
function firstOf(first: i32, x: usize, skipped: usize, operand: v128): v128 {
  const pair = pairAt<f32>(x, skipped);
  return first == NONE ? pair : pairs(first, pair, operand);
}

/** The last step of two pairs, as four float32. */
@inline
function lastOf(last: i32, pair0: v128, pair1: v128, operand0: v128, operand1: v128): v128 {
  const low = f32x4.demote_f64x2_zero(pairs(last, pair0, operand0));
  const high = f32x4.demote_f64x2_zero(pairs(last, pair1, operand1));
  return v128.shuffle<u64>(low, high, 0, 2);
}

/** The operands of a pair: its own, or the one for all. */
@inline
function operandAt(each: bool, one: v128, operands: usize, skipped: usize): v128 {
  return each ? v128.load(operands + 8 * skipped) : one;
}

@inline
function compute(first: i32, last: i32, each: bool, x: usize, count: i32, a: usize, b: usize, to: usize): i32 {
  const a1 = v128.load_splat<u64>(a), b1 = v128.load_splat<u64>(b);
  const start = x;
  for (const end = x + ((<usize>count) << 2); x + GROUP_BYTES <= end; x += GROUP_BYTES) {
    const p0 = firstOf(first, x, 0, operandAt(each, a1, a, 0)), p1 = firstOf(first, x, 2, operandAt(each, a1, a, 2));
    const p2 = firstOf(first, x, 4, operandAt(each, a1, a, 4)), p3 = firstOf(first, x, 6, operandAt(each, a1, a, 6));
    const y = lastOf(last, p0, p1, operandAt(each, b1, b, 0), operandAt(each, b1, b, 2));
    const z = lastOf(last, p2, p3, operandAt(each, b1, b, 4), operandAt(each, b1, b, 6));
    if (v128.any_true(v128.or(f32x4.sub(y, y), f32x4.sub(z, z)))) break;
    v128.store(to, y);
    v128.store(to, z, 16);
    to += GROUP_BYTES;
    if (each) {
      a += 2 * GROUP_BYTES;
      b += 2 * GROUP_BYTES;
    }
  }
  return <i32>((x - start) >> 2);
}

/**
 * The same where the last step is a division, which is slow: 1 / divisor lies between what `enclose_inverses` gives, so that
 * the products with these enclose the quotient, rounded or not. Where both become the same float32, so does it.
 */
@inline
function divide(first: i32, each: bool, x: usize, count: i32, a: usize, near: usize, far: usize, to: usize): i32 {
  const a1 = v128.load_splat<u64>(a), n1 = v128.load_splat<u64>(near), f1 = v128.load_splat<u64>(far);
  const start = x;
  for (const end = x + ((<usize>count) << 2); x + GROUP_BYTES <= end; x += GROUP_BYTES) {
    const p0 = firstOf(first, x, 0, operandAt(each, a1, a, 0)), p1 = firstOf(first, x, 2, operandAt(each, a1, a, 2));
    const p2 = firstOf(first, x, 4, operandAt(each, a1, a, 4)), p3 = firstOf(first, x, 6, operandAt(each, a1, a, 6));
    const y = lastOf(MULTIPLY, p0, p1, operandAt(each, n1, near, 0), operandAt(each, n1, near, 2));
    const z = lastOf(MULTIPLY, p2, p3, operandAt(each, n1, near, 4), operandAt(each, n1, near, 6));
    const yFar = lastOf(MULTIPLY, p0, p1, operandAt(each, f1, far, 0), operandAt(each, f1, far, 2));
    const zFar = lastOf(MULTIPLY, p2, p3, operandAt(each, f1, far, 4), operandAt(each, f1, far, 6));
    // The difference of what is not finite is not 0 either.
    if (v128.any_true(v128.or(f32x4.sub(y, yFar), f32x4.sub(z, zFar)))) break;
    v128.store(to, y);
    v128.store(to, z, 16);
    to += GROUP_BYTES;
    if (each) {
      a += 2 * GROUP_BYTES;
      near += 2 * GROUP_BYTES;
      far += 2 * GROUP_BYTES;
    }
  }
  return <i32>((x - start) >> 2);
}

/** For each divisor, the neighbours of the double that is next to its inverse; NaN where that is not a normal number. */
export function enclose_inverses(divisors: usize, count: i32, near: usize, far: usize): void {
  for (const end = divisors + ((<usize>count) << 3); divisors < end; divisors += 8) {
    const inverse = 1 / load<f64>(divisors);
    const isNormal = abs(inverse) >= f64.MIN_NORMAL_VALUE && abs(inverse) <= 1e308;
    store<f64>(near, isNormal ? reinterpret<f64>(reinterpret<u64>(inverse) - 1) : NaN);
    store<f64>(far, isNormal ? reinterpret<f64>(reinterpret<u64>(inverse) + 1) : NaN);
    near += 8;
    far += 8;
  }
}

@inline
function along(first: i32, last: i32, each: bool, x: usize, count: i32, a: usize, b: usize, far: usize, to: usize): i32 {
  if (last == DIVIDE) return divide(first, each, x, count, a, b, far, to);
  return compute(first, last, each, x, count, a, b, to);
}

@inline
function steps(first: i32, last: i32, each: bool, x: usize, count: i32, a: usize, b: usize, far: usize, to: usize): i32 {
  if (first == NONE) {
    if (last == ADD) return along(NONE, ADD, each, x, count, a, b, far, to);
    if (last == SUBTRACT) return along(NONE, SUBTRACT, each, x, count, a, b, far, to);
    if (last == MULTIPLY) return along(NONE, MULTIPLY, each, x, count, a, b, far, to);
    return along(NONE, DIVIDE, each, x, count, a, b, far, to);
  }
  if (first == SUBTRACT && last == DIVIDE) return along(SUBTRACT, DIVIDE, each, x, count, a, b, far, to);
  if (first == MULTIPLY && last == ADD) return along(MULTIPLY, ADD, each, x, count, a, b, far, to);
  return 0;
}

/** Whether there is a way for these steps. */
export function hasSteps(first: i32, last: i32): bool {
  return (first == NONE && last <= DIVIDE) || (first == SUBTRACT && last == DIVIDE) || (first == MULTIPLY && last == ADD);
}

/**
 * Computes whole groups of `count` values at `x`, and gives how many values that are.
 * @param first the first of two steps, or NONE
 * @param each whether every value has operands of its own, or all have the same
 * @param a operands of the first step
 * @param b operands of the last; of a division what encloses their inverses, from here and at `far`
 */
export function straight(first: i32, last: i32, each: bool, x: usize, count: i32, a: usize, b: usize, far: usize, to: usize): i32 {
  return each ? steps(first, last, true, x, count, a, b, far, to) : steps(first, last, false, x, count, a, b, far, to);
}
