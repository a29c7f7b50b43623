// Vector norms of slices, as sums that merge: the sum of |x|^p is kept as `sum * 2^(exponent * p)`. The exponent is 0
// unless the plain sum leaves the range where it is exact to the last digits; only then the values are scaled, by the
// power of two next to the magnitude that decides the sum (the largest for p > 0, the smallest for p < 0), or, for orders
// that would leave the range even so, by that magnitude itself: then the exponent is its logarithm.
import { exponentOf, scaleBy } from './binary-scale';
import { pairAt } from './load-pair';

/** A plain sum outside this range may have lost digits to overflow or underflow. */
const SAFE_LEAST: f64 = 1e-280;
const SAFE_MOST: f64 = 1e300;

/** Up to this order, 2^p and 2^-p times any number of values stay in the range of a double. */
const MOST_BINARY_ORDER: f64 = 256;

/** |x|^p for one p; whole and half powers by multiplication, which is both faster and closer than pow. */
@inline
function power(magnitude: f64, p: f64): f64 {
  if (p == 1) return magnitude;
  if (p == 2) return magnitude * magnitude;
  if (p == 3) return magnitude * magnitude * magnitude;
  if (p == 0.5) return sqrt(magnitude);
  if (p == -1) return 1 / magnitude;
  if (p == -2) return 1 / (magnitude * magnitude);
  return Math.pow(magnitude, p);
}

/** value * 2^exponent, where the exponent need not be whole. */
function scaleByAny(value: f64, exponent: f64): f64 {
  const whole = floor(exponent);
  return scaleBy(exponent == whole ? value : value * Math.pow(2, exponent - whole), whole);
}

/** Adds a sum with its exponent to the state of a slice: fields count, nan, exponent, sum. */
export function mergeSum(state: usize, field: usize, count: f64, nans: f64, exponent: f64, sum: f64, p: f64): void {
  store<f64>(state, load<f64>(state) + count);
  store<f64>(state + field, load<f64>(state + field) + nans);
  const atExponent = state + 2 * field, atSum = state + 3 * field;
  const exponent0 = load<f64>(atExponent), sum0 = load<f64>(atSum);
  if (p == -Infinity) {
    if (sum < sum0) store<f64>(atSum, sum);
    return;
  }
  if (sum == 0) return;
  if (sum0 == 0) {
    store<f64>(atExponent, exponent);
    store<f64>(atSum, sum);
  } else if (exponent == exponent0) {
    store<f64>(atSum, sum0 + sum);
  } else {
    const common = p > 0 == exponent > exponent0 ? exponent : exponent0;
    store<f64>(atExponent, common);
    store<f64>(atSum, scaleByAny(sum0, (exponent0 - common) * p) + scaleByAny(sum, (exponent - common) * p));
  }
}

/** Sum of |x|^p of finite or infinite values, `step` bytes apart; NaN is left out. For p = -Infinity their least magnitude. */
function plainSum(x: usize, count: i32, step: usize, p: f64): f64 {
  if (p == -Infinity) return leastMagnitude(x, count, step);
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) {
    const value = load<f64>(x);
    if (value == value) sum += power(abs(value), p);
    x += step;
  }
  return sum;
}

function leastMagnitude(x: usize, count: i32, step: usize): f64 {
  let least: f64 = Infinity;
  for (let i = 0; i < count; i++) {
    const magnitude = abs(load<f64>(x));
    if (magnitude < least) least = magnitude;
    x += step;
  }
  return least;
}

/** Sum of squares, or of magnitudes, of a row without NaN. */
export function rowSum<T extends number>(x: usize, count: i32, squares: bool): f64 {
  let sum0 = f64x2.splat(0), sum1 = f64x2.splat(0), sum2 = f64x2.splat(0), sum3 = f64x2.splat(0);
  let i = 0;
  if (squares) {
    for (; i + 8 <= count; i += 8) {
      const at = x + <usize>i * sizeof<T>();
      const a = pairAt<T>(at, 0), b = pairAt<T>(at, 2), c = pairAt<T>(at, 4), d = pairAt<T>(at, 6);
      sum0 = f64x2.add(sum0, f64x2.mul(a, a));
      sum1 = f64x2.add(sum1, f64x2.mul(b, b));
      sum2 = f64x2.add(sum2, f64x2.mul(c, c));
      sum3 = f64x2.add(sum3, f64x2.mul(d, d));
    }
  } else {
    for (; i + 8 <= count; i += 8) {
      const at = x + <usize>i * sizeof<T>();
      sum0 = f64x2.add(sum0, f64x2.abs(pairAt<T>(at, 0)));
      sum1 = f64x2.add(sum1, f64x2.abs(pairAt<T>(at, 2)));
      sum2 = f64x2.add(sum2, f64x2.abs(pairAt<T>(at, 4)));
      sum3 = f64x2.add(sum3, f64x2.abs(pairAt<T>(at, 6)));
    }
  }
  const all = f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3));
  let sum = f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
  for (; i < count; i++) {
    const value = <f64>load<T>(x + <usize>i * sizeof<T>());
    sum += squares ? value * value : abs(value);
  }
  return sum;
}

/** The same of two neighbouring columns, `step` bytes from row to row. */
export function columnSums<T extends number>(x: usize, rows: i32, step: usize, squares: bool): v128 {
  let sums = f64x2.splat(0);
  for (let row = 0; row < rows; row++) {
    const values = pairAt<T>(x, 0);
    sums = f64x2.add(sums, squares ? f64x2.mul(values, values) : f64x2.abs(values));
    x += step;
  }
  return sums;
}

/** The magnitude that decides the sum, or NaN where no scaling helps. */
function decidingMagnitude(x: usize, count: i32, step: usize, p: f64): f64 {
  let least: f64 = Infinity, most: f64 = 0;
  for (let i = 0; i < count; i++) {
    const magnitude = abs(load<f64>(x));
    if (magnitude < least) least = magnitude;
    if (magnitude > most) most = magnitude;
    x += step;
  }
  const decides = p > 0 ? most : least;
  return decides == 0 || decides == Infinity ? NaN : decides;
}

function addNorm(x: usize, count: i32, step: usize, p: f64, clean: bool, state: usize, field: usize): void {
  let nans = 0;
  if (!clean) {
    for (let i = 0, at = x; i < count; i++) {
      const value = load<f64>(at);
      nans += value != value ? 1 : 0;
      at += step;
    }
  }
  const sum = clean && step == 8 && (p == 2 || p == 1) ? rowSum<f64>(x, count, p == 2) : plainSum(x, count, step, p);
  addPlain(x, count, step, p, nans, sum, state, field);
}

/** Adds a plain sum, or a scaled one where that is better. */
function addPlain(x: usize, count: i32, step: usize, p: f64, nans: i32, sum: f64, state: usize, field: usize): void {
  let exponent: f64 = 0;
  if (p != -Infinity && !(sum >= SAFE_LEAST && sum <= SAFE_MOST)) {
    const deciding = decidingMagnitude(x, count, step, p);
    if (deciding == deciding && abs(p) <= MOST_BINARY_ORDER) {
      exponent = exponentOf(deciding);
      sum = scaledSum(x, count, step, p, exponent);
    } else if (deciding == deciding) {
      exponent = Math.log2(deciding);
      sum = sumOfShares(x, count, step, p, deciding);
    }
  }
  mergeSum(state, field, count - nans, nans, exponent, sum, p);
}

function scaledSum(x: usize, count: i32, step: usize, p: f64, exponent: f64): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) {
    const value = load<f64>(x);
    if (value == value) sum += power(scaleBy(abs(value), -exponent), p);
    x += step;
  }
  return sum;
}

function sumOfShares(x: usize, count: i32, step: usize, p: f64, deciding: f64): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) {
    const value = load<f64>(x);
    if (value == value) sum += power(abs(value) / deciding, p);
    x += step;
  }
  return sum;
}

/** Adds a float64 tile to the state `count, nan, exponent, sum` of its slices: sums of |x|^p for any p but 0 and Infinity. */
export function power_sum(x: usize, rows: i32, columns: i32, rowIsSlice: bool, p: f64, clean: bool, state: usize, field: usize): void {
  const step = (<usize>columns) << 3;
  if (rowIsSlice) {
    for (let row = 0; row < rows; row++) addNorm(x + <usize>row * step, columns, 8, p, clean, state + ((<usize>row) << 3), field);
    return;
  }
  for (let column = 0; column < columns; column++) {
    const at = (<usize>column) << 3;
    if (clean && (p == 2 || p == 1) && column + 1 < columns) {
      const sums = columnSums<f64>(x + at, rows, step, p == 2);
      addPlain(x + at, rows, step, p, 0, f64x2.extract_lane(sums, 0), state + at, field);
      addPlain(x + at + 8, rows, step, p, 0, f64x2.extract_lane(sums, 1), state + at + 8, field);
      column++;
    } else addNorm(x + at, rows, step, p, clean, state + at, field);
  }
}

/** Merges the sums of `slices` slices: `from` into `into`. */
export function power_sum_merge(slices: i32, p: f64, from: usize, fromField: usize, into: usize, intoField: usize): void {
  for (let slice = 0; slice < slices; slice++) {
    const a = from + ((<usize>slice) << 3);
    mergeSum(into + ((<usize>slice) << 3), intoField, load<f64>(a), load<f64>(a + fromField),
      load<f64>(a + 2 * fromField), load<f64>(a + 3 * fromField), p);
  }
}

/** The norms themselves: sum^(1/p) * 2^exponent. */
export function power_sum_root(slices: i32, p: f64, exponents: usize, sums: usize, to: usize): void {
  for (let slice = 0; slice < slices; slice++) {
    const at = (<usize>slice) << 3;
    const sum = load<f64>(sums + at);
    if (p == -Infinity) {
      store<f64>(to + at, sum);
      continue;
    }
    const root = p == 2 ? sqrt(sum) : p == 1 ? sum : p == 0.5 ? sum * sum : p == -1 ? 1 / sum : Math.pow(sum, 1 / p);
    store<f64>(to + at, scaleByAny(root, load<f64>(exponents + at)));
  }
}
