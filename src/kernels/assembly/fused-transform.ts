// A formula of arithmetic steps, strip by strip: elements of any dtype are loaded, computed as float64 and stored as the
// output's dtype while they stay in the first-level cache.
import { arithmetic, DIVIDE } from './elementwise';
import { hasSteps, NONE, straight } from './f32-fast-path';
import { checkResults, countThroughTable, overflow_count, storeAndCheck, stray_count } from './misfits';
import { bytesToSingles, loadRow, storeRow, widthOf } from './load-store';
import { lookUp } from './look-up';

/** Elements of a strip: 8 KiB as float64. */
const STRIP = 1024;

const strip = memory.data(8 * 1024 + 64, 16);

/**
 * A step in memory, as 32-bit words: its operation, how its operand runs, and the addresses of the operand and, for a
 * division that becomes float32, of what encloses its inverse (`enclose_inverses`).
 */
const STEP_BYTES: usize = 20;

const ONE_FOR_ALL = 0;
const ONE_PER_COLUMN = 2;

/** @param after bytes from the operand of the tile's first slice to that of the strip's */
@inline
function operandOf(mode: i32, operand: usize, after: usize): usize {
  return mode == ONE_FOR_ALL ? operand : operand + after;
}

function computeStrip(rows: i32, columns: i32, steps: usize, count: i32, after: usize): void {
  for (const end = steps + <usize>count * STEP_BYTES; steps < end; steps += STEP_BYTES) {
    const mode = load<i32>(steps, 4);
    const operand = operandOf(mode, <usize>load<u32>(steps, 8), after);
    arithmetic(load<i32>(steps), strip, rows, columns, operand, mode);
  }
}

/**
 * Computes the steps for a rectangle of `rows` by `columns` elements, `stride` elements from row to row, and stores it
 * with the same stride; `to` may be `from`. Stops at the first value whose flag is in `refuse`; `refused_at` returns
 * its address, and the output is then incomplete. Returns the flags it saw, as `load_tile` does.
 * @param sliceAt bytes from the first operand that runs per slice to that of the rectangle's first slice
 */
export function transform(
  dtype: i32,
  from: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  steps: usize,
  count: i32,
  sliceAt: usize,
  rowIsSlice: bool,
  outDtype: i32,
  to: usize,
  refuse: i32,
): i32 {
  if (dtype == UINT8 && rowIsSlice && columns >= LONG_ROW) {
    transformBytes(from, stride, rows, columns, steps, count, sliceAt, outDtype, to);
    return 0;
  }
  if (outDtype == FLOAT32 && (dtype == FLOAT32 || dtype == UINT8) && columns >= WIDE && isStraight(steps, count)) {
    return transformStraight(dtype, from, stride, rows, columns, steps, count, sliceAt, rowIsSlice, to, refuse);
  }
  const width = widthOf(dtype), outWidth = widthOf(outDtype);
  const height = stride == columns && columns < STRIP ? STRIP / columns : 1;
  const length = min(columns, STRIP);
  let saw = 0;
  for (let row = 0; row < rows; row += height) {
    const tall = min(height, rows - row);
    for (let column = 0; column < columns; column += length) {
      const wide = min(length, columns - column);
      const at = <usize>row * <usize>stride + <usize>column;
      const after = sliceAt + ((<usize>(rowIsSlice ? row : column)) << 3);
      saw |= throughStrip(dtype, from + at * width, tall, wide, steps, count, after, outDtype, to + at * outWidth, refuse);
      if (saw & refuse) return saw;
    }
  }
  return saw;
}

let refused: usize = 0;

/** The address of a strip that ended `transform`. From there on, what it has read is what it was. */
export function refused_at(): usize {
  return refused;
}

function throughStrip(
  dtype: i32,
  from: usize,
  rows: i32,
  columns: i32,
  steps: usize,
  count: i32,
  after: usize,
  outDtype: i32,
  to: usize,
  refuse: i32,
): i32 {
  const saw = loadRow(dtype, from, strip, rows * columns);
  if (saw & refuse) {
    refused = from;
    return saw;
  }
  computeStrip(rows, columns, steps, count, after);
  const length = rows * columns;
  if (saw == 0) {
    storeAndCheck(outDtype, strip, to, length);
    return saw;
  }
  // What is not finite among the elements stays uncounted; they may lie where the results go.
  checkResults(dtype, from, strip, length, outDtype);
  storeRow(outDtype, strip, to, length);
  return saw;
}

/** Values that go through the strip where one of them must: what is not finite, or missing, has company. */
const STRETCH = 128;

const singles = memory.data(4 * STRIP, 16);

/** `transform` to float32 for steps that `straight` has: float32 where they lie, and bytes, each of which is a float32, too. */
function transformStraight(
  dtype: i32,
  from: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  steps: usize,
  count: i32,
  sliceAt: usize,
  rowIsSlice: bool,
  to: usize,
  refuse: i32,
): i32 {
  const length = dtype == UINT8 ? min(columns, STRIP) : columns;
  let saw = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += length) {
      const wide = min(length, columns - column);
      const at = <usize>row * <usize>stride + <usize>column;
      const after = sliceAt + ((<usize>(rowIsSlice ? row : column)) << 3);
      if (dtype == UINT8) bytesToSingles(from + at, singles, wide);
      const x = dtype == UINT8 ? singles : from + (at << 2);
      saw |= alongRow(x, wide, steps, count, after, rowIsSlice, to + (at << 2), refuse);
      if (saw & refuse) return saw;
    }
  }
  return saw;
}

/** Float32 values of one row: straight, and where that ends, a stretch through the strip. */
function alongRow(
  from: usize,
  columns: i32,
  steps: usize,
  count: i32,
  after: usize,
  rowIsSlice: bool,
  to: usize,
  refuse: i32,
): i32 {
  let saw = 0;
  while (columns > 0) {
    const certain = straightSteps(from, columns, steps, count, after, to);
    const wide = min(STRETCH, columns - certain);
    from += (<usize>certain) << 2;
    to += (<usize>certain) << 2;
    if (!rowIsSlice) after += (<usize>certain) << 3;
    saw |= throughStrip(FLOAT32, from, 1, wide, steps, count, after, FLOAT32, to, refuse);
    if (saw & refuse) return saw;
    from += (<usize>wide) << 2;
    to += (<usize>wide) << 2;
    if (!rowIsSlice) after += (<usize>wide) << 3;
    columns -= certain + wide;
  }
  return saw;
}

/** Whether a formula is one that `straight` has: at most two steps whose operands run alike. */
function isStraight(steps: usize, count: i32): bool {
  if (count < 1 || count > 2) return false;
  const last = steps + <usize>(count - 1) * STEP_BYTES;
  if ((load<i32>(last, 4) == ONE_PER_COLUMN) != (load<i32>(steps, 4) == ONE_PER_COLUMN)) return false;
  return hasSteps(count == 1 ? NONE : load<i32>(steps), load<i32>(last));
}

/**
 * Steps that `straight` has.
 * @returns how many of the values were computed; the others are to go through the strip
 */
function straightSteps(x: usize, columns: i32, steps: usize, count: i32, after: usize, to: usize): i32 {
  const last = steps + <usize>(count - 1) * STEP_BYTES;
  const op = load<i32>(last), mode0 = load<i32>(steps, 4), mode1 = load<i32>(last, 4);
  const each = mode1 == ONE_PER_COLUMN;
  const first = count == 1 ? NONE : load<i32>(steps);
  const a = operandOf(mode0, <usize>load<u32>(steps, 8), after);
  const b = operandOf(mode1, <usize>(op == DIVIDE ? load<u32>(last, 12) : load<u32>(last, 8)), after);
  const far = operandOf(mode1, <usize>load<u32>(last, 16), after);
  return straight(first, op, each, x, columns, a, b, far, to);
}

/** Shorter rows are faster through the strip, many at once. */
const WIDE = 64;

/** A shorter row does not repay a table of its own. */
const LONG_ROW = 512;

const UINT8 = 1;
const FLOAT32 = 10;

/** The bytes from 0 to 255, and what the steps make of each. */
const ramp = memory.data(256, 16);
const table = memory.data(8 * 256, 16);

/** `transform` for long rows of uint8 that are slices: the steps are computed for the 256 bytes that there are. */
function transformBytes(
  from: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  steps: usize,
  count: i32,
  sliceAt: usize,
  outDtype: i32,
  to: usize,
): void {
  for (let byte = 0; byte < 256; byte++) store<u8>(ramp + byte, <u8>byte);
  bytesToSingles(ramp, singles, 256);
  const outWidth = widthOf(outDtype), goesStraight = outDtype == FLOAT32 && isStraight(steps, count);
  for (let row = 0; row < rows; row++) {
    const after = sliceAt + ((<usize>row) << 3);
    const overflows = overflow_count(), strays = stray_count();
    if (goesStraight) alongRow(singles, 256, steps, count, after, true, table, 0);
    else throughStrip(UINT8, ramp, 1, 256, steps, count, after, outDtype, table, 0);
    if (overflow_count() != overflows || stray_count() != strays) {
      countThroughTable(from, columns, table, outDtype, overflows, strays);
    }
    if (outWidth == 4) lookUp<u32>(table, from, columns, to);
    else if (outWidth == 8) lookUp<u64>(table, from, columns, to);
    else lookUp<u16>(table, from, columns, to);
    from += stride;
    to += <usize>stride * outWidth;
  }
}
