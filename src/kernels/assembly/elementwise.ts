// The elementwise steps of a formula, in place on a float64 tile.

export const ADD = 0;
export const SUBTRACT = 1;
export const MULTIPLY = 2;
export const DIVIDE = 3;
/** The greater, or the lesser, of both; NaN stays. */
export const MAXIMUM = 4;
export const MINIMUM = 5;

/** How an operand runs along the tile. */
const ONE_FOR_ALL = 0;
const ONE_PER_ROW = 1;

@inline
export function pairs(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f64x2.add(a, b);
  if (op == SUBTRACT) return f64x2.sub(a, b);
  if (op == MULTIPLY) return f64x2.mul(a, b);
  if (op == MAXIMUM) return f64x2.max(a, b);
  if (op == MINIMUM) return f64x2.min(a, b);
  return f64x2.div(a, b);
}

@inline
function single(op: i32, a: f64, b: f64): f64 {
  if (op == ADD) return a + b;
  if (op == SUBTRACT) return a - b;
  if (op == MULTIPLY) return a * b;
  if (op == MAXIMUM) return max(a, b);
  if (op == MINIMUM) return min(a, b);
  return a / b;
}

@inline
function withOne(op: i32, x: usize, count: i32, operand: f64): void {
  const pair = f64x2.splat(operand);
  const end = x + ((<usize>count) << 3);
  for (; x + 32 <= end; x += 32) {
    v128.store(x, pairs(op, v128.load(x), pair));
    v128.store(x, pairs(op, v128.load(x, 16), pair), 16);
  }
  for (; x < end; x += 8) store<f64>(x, single(op, load<f64>(x), operand));
}

@inline
function withEach(op: i32, x: usize, count: i32, operands: usize): void {
  const end = x + ((<usize>count) << 3);
  for (; x + 16 <= end; x += 16) {
    v128.store(x, pairs(op, v128.load(x), v128.load(operands)));
    operands += 16;
  }
  if (x < end) store<f64>(x, single(op, load<f64>(x), load<f64>(operands)));
}

@inline
function along(op: i32, x: usize, rows: i32, columns: i32, operand: usize, mode: i32): void {
  if (mode == ONE_FOR_ALL) {
    withOne(op, x, rows * columns, load<f64>(operand));
    return;
  }
  const step = (<usize>columns) << 3;
  for (let row = 0; row < rows; row++) {
    if (mode == ONE_PER_ROW) withOne(op, x, columns, load<f64>(operand + ((<usize>row) << 3)));
    else withEach(op, x, columns, operand);
    x += step;
  }
}

/** x op operand, with one operand for all (mode 0), one per row (1) or one per column (2). */
export function arithmetic(op: i32, x: usize, rows: i32, columns: i32, operand: usize, mode: i32): void {
  if (op == ADD) along(ADD, x, rows, columns, operand, mode);
  else if (op == SUBTRACT) along(SUBTRACT, x, rows, columns, operand, mode);
  else if (op == MULTIPLY) along(MULTIPLY, x, rows, columns, operand, mode);
  else if (op == MAXIMUM) along(MAXIMUM, x, rows, columns, operand, mode);
  else if (op == MINIMUM) along(MINIMUM, x, rows, columns, operand, mode);
  else along(DIVIDE, x, rows, columns, operand, mode);
}

/** low + x (high - low); what lies within [0, 1] stays within [low, high] whatever the rounding. */
export function stretch(x: usize, count: i32, low: f64, high: f64): void {
  const width = high - low;
  for (const end = x + ((<usize>count) << 3); x < end; x += 8) {
    const share = load<f64>(x);
    let y = low + share * width;
    if (share >= 0 && share <= 1) y = y < low ? low : y > high ? high : y;
    store<f64>(x, y);
  }
}

/** Puts a value in the place of NaN. */
export function fill_nan(x: usize, count: i32, value: f64): void {
  const filling = f64x2.splat(value);
  const end = x + ((<usize>count) << 3);
  for (; x + 16 <= end; x += 16) {
    const pair = v128.load(x);
    v128.store(x, v128.bitselect(pair, filling, f64x2.eq(pair, pair)));
  }
  if (x < end) {
    const one = load<f64>(x);
    if (one != one) store<f64>(x, value);
  }
}
