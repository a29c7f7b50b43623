// One or two arithmetic steps from float32 to float32 through registers, group by group. It ends before a group whose
// results are not certain to be those of float64 arithmetic, rounded once, or are not finite: that one goes the general way.
import { ADD, DIVIDE, MULTIPLY, pairs, SUBTRACT } from './apply';
import { pairAt } from './pairs';

/** Values of a group. */
export const GROUP = 8;

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

/** With one operand a step for all values. */
@inline
function withOne(first: i32, last: i32, x: usize, count: i32, operand0: f64, operand1: f64, to: usize): i32 {
  const start = x;
  const a = f64x2.splat(operand0), b = f64x2.splat(operand1);
  for (const end = x + ((<usize>count) << 2); x + GROUP_BYTES <= end; x += GROUP_BYTES) {
    const y = lastOf(last, firstOf(first, x, 0, a), firstOf(first, x, 2, a), b, b);
    const z = lastOf(last, firstOf(first, x, 4, a), firstOf(first, x, 6, a), b, b);
    if (v128.any_true(v128.or(f32x4.sub(y, y), f32x4.sub(z, z)))) break;
    v128.store(to, y);
    v128.store(to, z, 16);
    to += GROUP_BYTES;
  }
  return <i32>((x - start) >> 2);
}

/**
 * The same where the last step is a division, which is slow. 1 / divisor lies between the neighbours of its double, so that
 * the products with these enclose the quotient, rounded or not: where both become the same float32, so does it.
 */
@inline
function dividedByOne(first: i32, x: usize, count: i32, operand0: f64, divisor: f64, to: usize): i32 {
  const inverse = 1 / divisor;
  if (!(abs(inverse) >= f64.MIN_NORMAL_VALUE && abs(inverse) <= 1e308)) return 0;
  const near = f64x2.splat(reinterpret<f64>(reinterpret<u64>(inverse) - 1));
  const far = f64x2.splat(reinterpret<f64>(reinterpret<u64>(inverse) + 1));
  const start = x;
  const a = f64x2.splat(operand0);
  for (const end = x + ((<usize>count) << 2); x + GROUP_BYTES <= end; x += GROUP_BYTES) {
    const p0 = firstOf(first, x, 0, a), p1 = firstOf(first, x, 2, a);
    const p2 = firstOf(first, x, 4, a), p3 = firstOf(first, x, 6, a);
    const y = lastOf(MULTIPLY, p0, p1, near, near), z = lastOf(MULTIPLY, p2, p3, near, near);
    const y1 = lastOf(MULTIPLY, p0, p1, far, far), z1 = lastOf(MULTIPLY, p2, p3, far, far);
    // The difference of what is not finite is not 0 either.
    if (v128.any_true(v128.or(f32x4.sub(y, y1), f32x4.sub(z, z1)))) break;
    v128.store(to, y);
    v128.store(to, z, 16);
    to += GROUP_BYTES;
  }
  return <i32>((x - start) >> 2);
}

/** With an operand a step for each value. */
@inline
function withEach(first: i32, last: i32, x: usize, count: i32, operands0: usize, operands1: usize, to: usize): i32 {
  const start = x;
  for (const end = x + ((<usize>count) << 2); x + GROUP_BYTES <= end; x += GROUP_BYTES) {
    const p0 = firstOf(first, x, 0, v128.load(operands0)), p1 = firstOf(first, x, 2, v128.load(operands0, 16));
    const p2 = firstOf(first, x, 4, v128.load(operands0, 32)), p3 = firstOf(first, x, 6, v128.load(operands0, 48));
    const y = lastOf(last, p0, p1, v128.load(operands1), v128.load(operands1, 16));
    const z = lastOf(last, p2, p3, v128.load(operands1, 32), v128.load(operands1, 48));
    if (v128.any_true(v128.or(f32x4.sub(y, y), f32x4.sub(z, z)))) break;
    v128.store(to, y);
    v128.store(to, z, 16);
    operands0 += 2 * GROUP_BYTES;
    operands1 += 2 * GROUP_BYTES;
    to += GROUP_BYTES;
  }
  return <i32>((x - start) >> 2);
}

@inline
function along(first: i32, last: i32, each: bool, x: usize, count: i32, operand0: usize, operand1: usize, to: usize): i32 {
  if (each) return withEach(first, last, x, count, operand0, operand1, to);
  const a = load<f64>(operand0), b = load<f64>(operand1);
  return last == DIVIDE ? dividedByOne(first, x, count, a, b, to) : withOne(first, last, x, count, a, b, to);
}

/** Computes whole groups of `count` values at `x`, and gives how many values that are. */
export function straight(first: i32, last: i32, each: bool, x: usize, count: i32, operand0: usize, operand1: usize, to: usize): i32 {
  if (first == NONE) {
    if (last == ADD) return along(NONE, ADD, each, x, count, operand0, operand1, to);
    if (last == SUBTRACT) return along(NONE, SUBTRACT, each, x, count, operand0, operand1, to);
    if (last == MULTIPLY) return along(NONE, MULTIPLY, each, x, count, operand0, operand1, to);
    return along(NONE, DIVIDE, each, x, count, operand0, operand1, to);
  }
  if (first == SUBTRACT && last == DIVIDE) return along(SUBTRACT, DIVIDE, each, x, count, operand0, operand1, to);
  if (first == MULTIPLY && last == ADD) return along(MULTIPLY, ADD, each, x, count, operand0, operand1, to);
  return 0;
}
