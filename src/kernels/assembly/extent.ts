// Count, NaN, zeros, minimum and maximum of each slice of a tile. NaN is left out and counted.
import { pairAt } from './load-pair';

/** The fields of the state, in order; each is an array of one float64 per slice, `field` bytes after the one before. */
@inline export function addExtent(state: usize, field: usize, values: f64, nans: f64, zeros: f64, min: f64, max: f64): void {
  store<f64>(state, load<f64>(state) + values - nans);
  store<f64>(state + field, load<f64>(state + field) + nans);
  store<f64>(state + 2 * field, load<f64>(state + 2 * field) + zeros);
  const low = state + 3 * field;
  const high = state + 4 * field;
  // Which of -0 and 0 is met first depends on the way that is taken: an end is never -0.
  if (min < load<f64>(low)) store<f64>(low, min + 0);
  if (max > load<f64>(high)) store<f64>(high, max + 0);
}

/** A row of `count` values, all of one slice. */
function extentOfRow(x: usize, count: i32, state: usize, field: usize): void {
  const none = f64x2.splat(0);
  let min = f64x2.splat(Infinity);
  let max = f64x2.splat(-Infinity);
  let nans = i64x2.splat(0);
  let zeros = i64x2.splat(0);
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const value = v128.load(x + ((<usize>i) << 3));
    min = f64x2.pmin(min, value);
    max = f64x2.pmax(max, value);
    nans = i64x2.sub(nans, f64x2.ne(value, value));
    zeros = i64x2.sub(zeros, f64x2.eq(value, none));
  }
  let low = Math.min(f64x2.extract_lane(min, 0), f64x2.extract_lane(min, 1));
  let high = Math.max(f64x2.extract_lane(max, 0), f64x2.extract_lane(max, 1));
  let nan = <f64>(i64x2.extract_lane(nans, 0) + i64x2.extract_lane(nans, 1));
  let zero = <f64>(i64x2.extract_lane(zeros, 0) + i64x2.extract_lane(zeros, 1));
  if (i < count) {
    const value = load<f64>(x + ((<usize>i) << 3));
    if (value < low) low = value;
    if (value > high) high = value;
    nan += value != value ? 1 : 0;
    zero += value == 0 ? 1 : 0;
  }
  addExtent(state, field, count, nan, zero, low, high);
}

/** Two neighbouring columns; the second is left out where there is only one more. False where float32 is not finite. */
function extentOfColumns<T extends number>(x: usize, rows: i32, step: usize, second: bool, state: usize, field: usize): bool {
  const none = f64x2.splat(0);
  let min = f64x2.splat(Infinity);
  let max = f64x2.splat(-Infinity);
  let nans = i64x2.splat(0);
  let zeros = i64x2.splat(0);
  let rest = f64x2.splat(0);
  for (let row = 0; row < rows; row++) {
    const value = pairAt<T>(x, 0);
    min = f64x2.pmin(min, value);
    max = f64x2.pmax(max, value);
    if (sizeof<T>() == 4) rest = v128.or(rest, f64x2.sub(value, value));
    else nans = i64x2.sub(nans, f64x2.ne(value, value));
    zeros = i64x2.sub(zeros, f64x2.eq(value, none));
    x += step;
  }
  if (sizeof<T>() == 4) {
    if (i64x2.extract_lane(rest, 0) != 0 || (second && i64x2.extract_lane(rest, 1) != 0)) return false;
  }
  const count = <f64>rows;
  addExtent(state, field, count, <f64>i64x2.extract_lane(nans, 0), <f64>i64x2.extract_lane(zeros, 0),
    f64x2.extract_lane(min, 0), f64x2.extract_lane(max, 0));
  if (second) {
    addExtent(state + 8, field, count, <f64>i64x2.extract_lane(nans, 1), <f64>i64x2.extract_lane(zeros, 1),
      f64x2.extract_lane(min, 1), f64x2.extract_lane(max, 1));
  }
  return true;
}

/** Columns that are slices, `step` bytes from row to row. False where float32 is not finite. */
export function columnExtents<T extends number>(x: usize, rows: i32, columns: i32, step: usize, state: usize, field: usize): bool {
  for (let column = 0; column < columns; column += 2) {
    if (!extentOfColumns<T>(x, rows, step, column + 1 < columns, state, field)) return false;
    x += 2 * sizeof<T>();
    state += 16;
  }
  return true;
}

/** Adds a float64 tile to the state `count, nan, zeros, min, max` of its slices. */
export function extent(x: usize, rows: i32, columns: i32, rowIsSlice: bool, state: usize, field: usize): void {
  const step = (<usize>columns) << 3;
  if (rowIsSlice) {
    for (let row = 0; row < rows; row++) extentOfRow(x + <usize>row * step, columns, state + ((<usize>row) << 3), field);
  } else {
    columnExtents<f64>(x, rows, columns, step, state, field);
  }
}

/** Merges the states of `slices` slices: `from` into `into`. */
export function extent_merge(slices: i32, from: usize, fromField: usize, into: usize, intoField: usize): void {
  for (let slice = 0; slice < slices; slice++) {
    const nans = load<f64>(from + fromField);
    addExtent(into, intoField, load<f64>(from) + nans, nans, load<f64>(from + 2 * fromField),
      load<f64>(from + 3 * fromField), load<f64>(from + 4 * fromField));
    from += 8;
    into += 8;
  }
}
