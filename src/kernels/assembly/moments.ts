// Count, mean and central moments up to the fourth. A tile is taken in two passes, its mean first, so that nothing
// cancels.
import { addScaled, areEqual, needsScale } from './moments-scaled';
import { addTile } from './moments-state';
import { pairAt } from './load-pair';

/** Values a tile holds at most: a mean whose plain sum overflows is taken from values scaled down by as much. */
const TILE_SCALE: f64 = 16384;

@inline
function lanes(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

function scaledMean(x: usize, count: i32, step: usize): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) {
    sum += load<f64>(x) / TILE_SCALE;
    x += step;
  }
  return (sum / count) * TILE_SCALE;
}

/**
 * Whether all values are whole numbers from 0 to 255. Then the differences to a whole number, and the sums of their
 * powers, are exact, so that uint8 gives the same bits in integers (reduce-u8.ts).
 */
function areBytes<T extends number>(x: usize, count: i32): bool {
  const end = x + <usize>count * sizeof<T>();
  const origin = v128.load_splat<u64>(constants), byte = v128.load_splat<u64>(constants, 8);
  for (; x + 8 * sizeof<T>() <= end; x += 8 * sizeof<T>()) {
    const a = otherBits(pairAt<T>(x, 0), origin, byte), b = otherBits(pairAt<T>(x, 2), origin, byte);
    const c = otherBits(pairAt<T>(x, 4), origin, byte), d = otherBits(pairAt<T>(x, 6), origin, byte);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return false;
  }
  for (; x < end; x += sizeof<T>()) {
    if (v128.any_true(otherBits(f64x2.splat(<f64>load<T>(x)), origin, byte))) return false;
  }
  return true;
}

/** 2^52, and the bits of a byte. In memory, because V8 builds a constant vector anew wherever it is used. */
const constants = memory.data<u64>([0x4330000000000000, 255], 16);

/** No bits where both values are whole numbers from 0 to 255: added to 2^52, such a number becomes the last byte. */
@inline
function otherBits(pair: v128, origin: v128, byte: v128): v128 {
  const moved = f64x2.add(pair, origin);
  return v128.or(v128.andnot(v128.xor(moved, origin), byte), v128.xor(f64x2.sub(moved, origin), pair));
}

/** False, and nothing done, where float32 values are not finite. */
export function momentsOfRow<T extends number>(x: usize, count: i32, state: usize, field: usize): bool {
  let sum0 = f64x2.splat(0), sum1 = f64x2.splat(0), sum2 = f64x2.splat(0), sum3 = f64x2.splat(0);
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const at = x + <usize>i * sizeof<T>();
    sum0 = f64x2.add(sum0, pairAt<T>(at, 0));
    sum1 = f64x2.add(sum1, pairAt<T>(at, 2));
    sum2 = f64x2.add(sum2, pairAt<T>(at, 4));
    sum3 = f64x2.add(sum3, pairAt<T>(at, 6));
  }
  let sum = lanes(f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3)));
  for (; i < count; i++) sum += <f64>load<T>(x + <usize>i * sizeof<T>());
  let near = sum / count;
  if (near - near != 0) {
    // float32 values do not overflow the sum.
    if (sizeof<T>() == 4) return false;
    near = scaledMean(x, count, 8);
  } else if (areBytes<T>(x, count)) near = nearest(near);

  const mean = f64x2.splat(near);
  let a1 = f64x2.splat(0), a2 = f64x2.splat(0), a3 = f64x2.splat(0), a4 = f64x2.splat(0);
  let b1 = f64x2.splat(0), b2 = f64x2.splat(0), b3 = f64x2.splat(0), b4 = f64x2.splat(0);
  for (i = 0; i + 4 <= count; i += 4) {
    const at = x + <usize>i * sizeof<T>();
    const d = f64x2.sub(pairAt<T>(at, 0), mean);
    const e = f64x2.sub(pairAt<T>(at, 2), mean);
    const d2 = f64x2.mul(d, d);
    const e2 = f64x2.mul(e, e);
    a1 = f64x2.add(a1, d);
    b1 = f64x2.add(b1, e);
    a2 = f64x2.add(a2, d2);
    b2 = f64x2.add(b2, e2);
    a3 = f64x2.add(a3, f64x2.mul(d2, d));
    b3 = f64x2.add(b3, f64x2.mul(e2, e));
    a4 = f64x2.add(a4, f64x2.mul(d2, d2));
    b4 = f64x2.add(b4, f64x2.mul(e2, e2));
  }
  let s1 = lanes(f64x2.add(a1, b1)), s2 = lanes(f64x2.add(a2, b2));
  let s3 = lanes(f64x2.add(a3, b3)), s4 = lanes(f64x2.add(a4, b4));
  for (; i < count; i++) {
    const d = <f64>load<T>(x + <usize>i * sizeof<T>()) - near;
    const d2 = d * d;
    s1 += d;
    s2 += d2;
    s3 += d2 * d;
    s4 += d2 * d2;
  }
  // The powers of float32 values stay in the range of a double.
  if (sizeof<T>() == 8 && needsScale(x, count, 8, near, s4)) addScaled(x, 0, count, 8, state, field);
  else addTile(state, field, count, near, s1, s2, s3, s4);
  return true;
}

/** Two neighbouring columns; the second is left out where there is only one more. False where float32 is not finite. */
function momentsOfColumns<T extends number>(x: usize, rows: i32, step: usize, second: bool, state: usize, field: usize): bool {
  let sum = f64x2.splat(0);
  for (let row = 0, at = x; row < rows; row++) {
    sum = f64x2.add(sum, pairAt<T>(at, 0));
    at += step;
  }
  let near0 = f64x2.extract_lane(sum, 0) / rows;
  let near1 = f64x2.extract_lane(sum, 1) / rows;
  if (sizeof<T>() == 4) {
    if (near0 - near0 != 0 || (second && near1 - near1 != 0)) return false;
  } else {
    if (near0 - near0 != 0) near0 = scaledMean(x, rows, step);
    if (second && near1 - near1 != 0) near1 = scaledMean(x + 8, rows, step);
  }
  const mean = f64x2.replace_lane(f64x2.splat(near0), 1, near1);
  let s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0), s4 = f64x2.splat(0);
  for (let row = 0, at = x; row < rows; row++) {
    const d = f64x2.sub(pairAt<T>(at, 0), mean);
    const d2 = f64x2.mul(d, d);
    s1 = f64x2.add(s1, d);
    s2 = f64x2.add(s2, d2);
    s3 = f64x2.add(s3, f64x2.mul(d2, d));
    s4 = f64x2.add(s4, f64x2.mul(d2, d2));
    at += step;
  }
  // Most often it is constant columns that have no fourth powers: they are found side by side.
  if (sizeof<T>() == 8 && !v128.any_true(s4) && areEqual(x, rows, step, near0, near1, second)) {
    addTile(state, field, rows, near0, 0, 0, 0, 0);
    if (second) addTile(state + 8, field, rows, near1, 0, 0, 0, 0);
    return true;
  }
  if (sizeof<T>() == 8 && needsScale(x, rows, step, near0, f64x2.extract_lane(s4, 0))) {
    addScaled(x, 0, rows, step, state, field);
  } else {
    addTile(state, field, rows, near0, f64x2.extract_lane(s1, 0), f64x2.extract_lane(s2, 0),
      f64x2.extract_lane(s3, 0), f64x2.extract_lane(s4, 0));
  }
  if (!second) return true;
  if (sizeof<T>() == 8 && needsScale(x + 8, rows, step, near1, f64x2.extract_lane(s4, 1))) {
    addScaled(x + 8, 0, rows, step, state + 8, field);
  } else {
    addTile(state + 8, field, rows, near1, f64x2.extract_lane(s1, 1), f64x2.extract_lane(s2, 1),
      f64x2.extract_lane(s3, 1), f64x2.extract_lane(s4, 1));
  }
  return true;
}

/** Columns that are slices, `step` bytes from row to row. False where float32 is not finite. */
export function columnMoments<T extends number>(x: usize, rows: i32, columns: i32, step: usize, state: usize, field: usize): bool {
  for (let column = 0; column < columns; column += 2) {
    if (!momentsOfColumns<T>(x, rows, step, column + 1 < columns, state, field)) return false;
    x += 2 * sizeof<T>();
    state += 16;
  }
  return true;
}

/** Adds a float64 tile without NaN to the state `count, mean, mean_low, m2, m3, m4` of its slices. */
export function moments(x: usize, rows: i32, columns: i32, rowIsSlice: bool, state: usize, field: usize): void {
  const step = (<usize>columns) << 3;
  if (rowIsSlice) {
    for (let row = 0; row < rows; row++) momentsOfRow<f64>(x + <usize>row * step, columns, state + ((<usize>row) << 3), field);
  } else {
    columnMoments<f64>(x, rows, columns, step, state, field);
  }
}

function momentsOfWeighted(x: usize, w: usize, count: i32, step: usize, state: usize, field: usize): void {
  let weight: f64 = 0, sum: f64 = 0;
  for (let i = 0, at: usize = 0; i < count; i++) {
    const one = load<f64>(w + at);
    weight += one;
    if (one != 0) sum += one * load<f64>(x + at);
    at += step;
  }
  if (weight == 0) return;
  const near = sum / weight;
  let s1: f64 = 0, s2: f64 = 0, s3: f64 = 0, s4: f64 = 0;
  for (let i = 0, at: usize = 0; i < count; i++) {
    const one = load<f64>(w + at);
    if (one != 0) {
      const d = load<f64>(x + at) - near;
      const d2 = d * d * one;
      s1 += d * one;
      s2 += d2;
      s3 += d2 * d;
      s4 += d2 * d * d;
    }
    at += step;
  }
  if (needsScale(x, count, step, near, s4)) addScaled(x, w, count, step, state, field);
  else addTile(state, field, weight, near, s1, s2, s3, s4);
}

/** The same with a weight per value at `w`; a value of weight 0 counts for nothing and must be finite. */
export function moments_weighted(x: usize, w: usize, rows: i32, columns: i32, rowIsSlice: bool, state: usize, field: usize): void {
  const step = (<usize>columns) << 3;
  const slices = rowIsSlice ? rows : columns;
  for (let slice = 0; slice < slices; slice++) {
    const at = (<usize>slice) << 3;
    if (rowIsSlice) momentsOfWeighted(x + <usize>slice * step, w + <usize>slice * step, columns, 8, state + at, field);
    else momentsOfWeighted(x + at, w + at, rows, step, state + at, field);
  }
}

/** Gives every NaN of a tile the weight and value 0. */
export function drop_nan(x: usize, w: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    const value = load<f64>(x + at);
    if (value == value) continue;
    store<f64>(x + at, 0);
    store<f64>(w + at, 0);
  }
}
