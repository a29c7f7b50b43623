// Outputs that are no numbers although their inputs are: what does not fit the output's dtype becomes an infinity, and what
// a formula has no value for becomes NaN. They are counted, so that neither comes without a warning.
import { BRAIN_OVERFLOW, loadRow, storeRow, widthOf } from './load-store';

/** Elements that are compared at once. */
const CHUNK: i32 = 1024;

const inputs = memory.data(8 * 1024 + 64, 16);

/** The least magnitudes that become an infinity. */
const HALF_OVERFLOW: f64 = 65520;
const SINGLE_OVERFLOW: f64 = 3.4028235677973366e38;

let overflows: f64 = 0;
let strays: f64 = 0;

/** Begins to count anew. */
export function reset_misfits(): void {
  overflows = 0;
  strays = 0;
}

/** Finite values that became infinite. */
export function overflow_count(): f64 {
  return overflows;
}

/** Finite values that became NaN. */
export function stray_count(): f64 {
  return strays;
}

@inline
function limitOf(outDtype: i32): f64 {
  if (outDtype == 9) return HALF_OVERFLOW;
  if (outDtype == 12) return BRAIN_OVERFLOW;
  return outDtype == 10 ? SINGLE_OVERFLOW : Infinity;
}

/** Whether all results are numbers in the output's dtype. */
@inline
function fit(y: usize, count: i32, limit: f64): bool {
  const limits = f64x2.splat(limit);
  let inside = i64x2.splat(-1);
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const at = y + ((<usize>i) << 3);
    const a = f64x2.lt(f64x2.abs(v128.load(at)), limits), b = f64x2.lt(f64x2.abs(v128.load(at, 16)), limits);
    const c = f64x2.lt(f64x2.abs(v128.load(at, 32)), limits), d = f64x2.lt(f64x2.abs(v128.load(at, 48)), limits);
    inside = v128.and(inside, v128.and(v128.and(a, b), v128.and(c, d)));
  }
  for (; i < count; i++) {
    if (!(abs(load<f64>(y + ((<usize>i) << 3))) < limit)) return false;
  }
  return i64x2.all_true(inside);
}

/** Looks at `count` float64 results at `y`, up to `CHUNK`, of the elements at `from`, before they are stored. */
@inline
export function checkResults(dtype: i32, from: usize, y: usize, count: i32, outDtype: i32): void {
  const limit = limitOf(outDtype);
  if (!fit(y, count, limit)) countMisfits(dtype, from, y, count, limit);
}

/** Stores results of finite elements, which it looks at on the way: as `storeRow` after `checkResults`, in one pass. */
export function storeAndCheck(outDtype: i32, y: usize, to: usize, count: i32): void {
  const isInside = outDtype == 11 ? storeDoubles(y, to, count) : outDtype == 10 ? storeSingles(y, to, count) : false;
  if (outDtype == 9 || outDtype == 12) storeRow(outDtype, y, to, count);
  if (isInside) return;
  const limit = limitOf(outDtype);
  if (!fit(y, count, limit)) countOfFinite(y, count, limit);
}

/** Whether all of them are finite. */
function storeDoubles(y: usize, to: usize, count: i32): bool {
  const limits = f64x2.splat(Infinity);
  let inside = i64x2.splat(-1);
  const end = y + ((<usize>count) << 3);
  for (; y + 32 <= end; y += 32) {
    const a = v128.load(y), b = v128.load(y, 16);
    inside = v128.and(inside, v128.and(f64x2.lt(f64x2.abs(a), limits), f64x2.lt(f64x2.abs(b), limits)));
    v128.store(to, a);
    v128.store(to, b, 16);
    to += 32;
  }
  let rest = true;
  for (; y < end; y += 8) {
    const value = load<f64>(y);
    rest = rest && value - value == 0;
    store<f64>(to, value);
    to += 8;
  }
  return rest && i64x2.all_true(inside);
}

/** Whether all of them are finite as float32. */
function storeSingles(y: usize, to: usize, count: i32): bool {
  const limits = f32x4.splat(Infinity);
  let inside = i32x4.splat(-1);
  const end = y + ((<usize>count) << 3);
  for (; y + 32 <= end; y += 32) {
    const low = f32x4.demote_f64x2_zero(v128.load(y)), high = f32x4.demote_f64x2_zero(v128.load(y, 16));
    const four = v128.shuffle<u64>(low, high, 0, 2);
    inside = v128.and(inside, f32x4.lt(f32x4.abs(four), limits));
    v128.store(to, four);
    to += 16;
  }
  let rest = true;
  for (; y < end; y += 8) {
    const value = <f32>load<f64>(y);
    rest = rest && value - value == 0;
    store<f32>(to, value);
    to += 4;
  }
  return rest && i32x4.all_true(inside);
}

function countOfFinite(y: usize, count: i32, limit: f64): void {
  for (const end = y + ((<usize>count) << 3); y < end; y += 8) {
    const result = load<f64>(y);
    if (result != result) strays++;
    else if (abs(result) >= limit) overflows++;
  }
}

function countMisfits(dtype: i32, from: usize, y: usize, count: i32, limit: f64): void {
  loadRow(dtype, from, inputs, count);
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    const x = load<f64>(inputs + at), result = load<f64>(y + at);
    if (x - x != 0) continue;
    if (result != result) strays++;
    else if (abs(result) >= limit) overflows++;
  }
}

/** The same for a rectangle of results without gaps, of elements that are `stride` from row to row. */
export function check_tile(dtype: i32, from: usize, stride: i32, rows: i32, columns: i32, y: usize, outDtype: i32): void {
  const width = widthOf(dtype);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += CHUNK) {
      const count = min(CHUNK, columns - column);
      checkResults(dtype, from + <usize>column * width, y, count, outDtype);
      y += (<usize>count) << 3;
    }
    from += <usize>stride * width;
  }
}

/** The same for results of whole samples, of which every one depends on all `features` values of its sample at `x`. */
export function check_samples(x: usize, features: i32, rows: i32, y: usize, outputs: i32, outDtype: i32): void {
  const limit = limitOf(outDtype);
  for (let row = 0; row < rows; row++) {
    if (!fit(y, outputs, limit) && fit(x, features, Infinity)) countOfFinite(y, outputs, limit);
    x += (<usize>features) << 3;
    y += (<usize>outputs) << 3;
  }
}

/** What a table of outputs, one for each byte, makes of a row, instead of what was counted while it was made. */
export function countThroughTable(from: usize, count: i32, table: usize, outDtype: i32, overflowsBefore: f64, straysBefore: f64): void {
  overflows = overflowsBefore;
  strays = straysBefore;
  for (const end = from + <usize>count; from < end; from++) {
    const result = resultAt(table, <usize>load<u8>(from), outDtype);
    if (result != result) strays++;
    else if (abs(result) == Infinity) overflows++;
  }
}

@inline
function resultAt(table: usize, byte: usize, outDtype: i32): f64 {
  if (outDtype == 11) return load<f64>(table + (byte << 3));
  if (outDtype == 10) return <f64>load<f32>(table + (byte << 2));
  const half = <u32>load<u16>(table + (byte << 1)) & 0x7fff;
  const infinity: u32 = outDtype == 12 ? 0x7f80 : 0x7c00;
  return half < infinity ? 0 : half == infinity ? Infinity : NaN;
}
