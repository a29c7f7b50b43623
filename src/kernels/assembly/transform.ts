// A formula of arithmetic steps, strip by strip: elements of any dtype are loaded, computed as float64 and stored as the
// output's dtype while they stay in the first-level cache.
import { arithmetic } from './apply';
import { loadRow, storeRow, widthOf } from './convert';

/** Elements of a strip: 8 KiB as float64. */
const STRIP = 1024;

const strip = memory.data(8 * 1024 + 64, 16);

/** A step in memory, as 32-bit words: its operation, how its operand runs, and the operand's address. */
const STEP_BYTES: usize = 12;

const ONE_FOR_ALL = 0;

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
 * Computes the steps for a rectangle of `rows` by `columns` elements, `stride` elements from row to row, and stores it with
 * the same stride. What `refuse` says is refused ends it: then what is at `to` is unfinished. Returns what it saw, as
 * `load_tile` does.
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
  const width = widthOf(dtype), outWidth = widthOf(outDtype);
  const height = stride == columns && columns < STRIP ? STRIP / columns : 1;
  const length = min(columns, STRIP);
  let saw = 0;
  for (let row = 0; row < rows; row += height) {
    const tall = min(height, rows - row);
    for (let column = 0; column < columns; column += length) {
      const wide = min(length, columns - column);
      const at = <usize>row * <usize>stride + <usize>column;
      saw |= loadRow(dtype, from + at * width, strip, tall * wide);
      if (saw & refuse) return saw;
      const after = sliceAt + ((<usize>(rowIsSlice ? row : column)) << 3);
      computeStrip(tall, wide, steps, count, after);
      storeRow(outDtype, strip, to + at * outWidth, tall * wide);
    }
  }
  return saw;
}
