// Reductions of float32, straight from where it lies. The sums run in the order that float64 tiles have, so the states have
// their bits. Each gives false where a value is not finite; then its state is of no use.
import { addExtent, columnExtents } from './extent';
import { columnMoments, momentsOfRow } from './moments';
import { columnSums, mergeSum, rowSum } from './power-sums';

const room = memory.data(32, 16);

function extentOfSingles(x: usize, count: i32, state: usize, field: usize): bool {
  const none = f32x4.splat(0);
  let low = f32x4.splat(Infinity), high = f32x4.splat(-Infinity);
  let zero = i32x4.splat(0), rest = f32x4.splat(0);
  const end = x + ((<usize>count) << 2);
  for (; x + 32 <= end; x += 32) {
    const a = v128.load(x), b = v128.load(x, 16);
    low = f32x4.pmin(low, f32x4.pmin(a, b));
    high = f32x4.pmax(high, f32x4.pmax(a, b));
    zero = i32x4.sub(zero, i32x4.add(f32x4.eq(a, none), f32x4.eq(b, none)));
    rest = v128.or(rest, v128.or(f32x4.sub(a, a), f32x4.sub(b, b)));
  }
  let finite = !v128.any_true(rest);
  let zeros = i32x4.extract_lane(zero, 0) + i32x4.extract_lane(zero, 1) + i32x4.extract_lane(zero, 2)
    + i32x4.extract_lane(zero, 3);
  v128.store(room, low);
  v128.store(room, high, 16);
  let least: f32 = Infinity, most: f32 = -Infinity;
  for (let lane: usize = 0; lane < 16; lane += 4) {
    least = min(least, load<f32>(room + lane));
    most = max(most, load<f32>(room + lane, 16));
  }
  for (; x < end; x += 4) {
    const value = load<f32>(x);
    least = min(least, value);
    most = max(most, value);
    zeros += value == 0 ? 1 : 0;
    finite = finite && value - value == 0;
  }
  if (finite) addExtent(state, field, count, 0, zeros, least, most);
  return finite;
}

/** As `extent`. */
export function single_extent(
  x: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  rowIsSlice: bool,
  state: usize,
  field: usize,
): bool {
  const step = (<usize>stride) << 2;
  if (!rowIsSlice) return columnExtents<f32>(x, rows, columns, step, state, field);
  for (let row = 0; row < rows; row++) {
    if (!extentOfSingles(x, columns, state, field)) return false;
    x += step;
    state += 8;
  }
  return true;
}

/** As `moments`. */
export function single_moments(
  x: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  rowIsSlice: bool,
  state: usize,
  field: usize,
): bool {
  const step = (<usize>stride) << 2;
  if (!rowIsSlice) return columnMoments<f32>(x, rows, columns, step, state, field);
  for (let row = 0; row < rows; row++) {
    if (!momentsOfRow<f32>(x, columns, state, field)) return false;
    x += step;
    state += 8;
  }
  return true;
}

/** The squares of float32 values stay where a plain sum is exact enough. */
function addSum(sum: f64, count: i32, p: f64, state: usize, field: usize): bool {
  if (sum - sum != 0) return false;
  mergeSum(state, field, count, 0, 0, sum, p);
  return true;
}

/** As `power_sum`, for p = 1 and 2. */
export function single_power_sum(
  x: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  rowIsSlice: bool,
  p: f64,
  state: usize,
  field: usize,
): bool {
  const step = (<usize>stride) << 2;
  if (rowIsSlice) {
    for (let row = 0; row < rows; row++) {
      if (!addSum(rowSum<f32>(x, columns, p == 2), columns, p, state, field)) return false;
      x += step;
      state += 8;
    }
    return true;
  }
  for (let column = 0; column < columns; column += 2) {
    const sums = columnSums<f32>(x, rows, step, p == 2);
    if (!addSum(f64x2.extract_lane(sums, 0), rows, p, state, field)) return false;
    if (column + 1 < columns && !addSum(f64x2.extract_lane(sums, 1), rows, p, state + 8, field)) return false;
    x += 8;
    state += 16;
  }
  return true;
}
