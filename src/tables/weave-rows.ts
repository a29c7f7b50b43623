import { grow } from '#memory/grow.ts';
import type { AnswerColumn } from './column-plan.ts';

/** Writes the cell of a carried column at a row, and returns the place behind it. */
export interface CellWriter {
  /** Bytes that the cell takes at most. */
  maxBytes(row: number): number;
  write(row: number, to: Uint8Array, at: number): number;
}

/** How the rows of a table are put together. */
export interface Weave {
  columns: readonly AnswerColumn[];
  /** What stands before each cell of a row. */
  before: readonly Uint8Array[];
  /** What ends a row. */
  after: Uint8Array;
  /** What stands before the fraction of a number, as a byte. */
  decimal: number;
  /** A writer for each carried column. */
  carried: readonly CellWriter[];
}

const [comma, newline, point] = Buffer.from(',\n.');

/** Rows are put together here, to be copied once their length is known. */
let room = new Uint8Array(2 ** 16);

/**
 * Weaves the texts of numbers, row by row, with carried cells into the rows of a table.
 * @param numbers the texts of the numbers, row-major, a comma or a line end between them, as the kernels write them
 * @param width numbers in a row
 */
export function weaveRows(numbers: Uint8Array, rows: number, width: number, weave: Weave): Uint8Array<ArrayBuffer> {
  const { columns, before, after, decimal, carried } = weave;
  const from = new Int32Array(width + 1);
  const fixed = before.reduce((sum, { length }) => sum + length, after.length);
  let next = 0;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const rowStart = next;
    // All cells are located first, because the output may have another column order.
    for (let column = 0; column < width; column++) {
      from[column] = next;
      while (next < numbers.length && numbers[next] !== comma && numbers[next] !== newline) next++;
      next++;
    }
    from[width] = next;
    let most = fixed + next - rowStart;
    for (const writer of carried) most += writer.maxBytes(row);
    if (at + most > room.length) room = grow(room, at, Math.max(at + most, 2 * room.length));
    for (let place = 0; place < columns.length; place++) {
      const text = before[place];
      for (let byte = 0; byte < text.length; byte++) room[at++] = text[byte];
      const column = columns[place];
      if (column.from === 'carried') {
        at = carried[column.at].write(row, room, at);
      } else {
        for (let place = from[column.at]; place < from[column.at + 1] - 1; place++) {
          room[at++] = numbers[place] === point ? decimal : numbers[place];
        }
      }
    }
    for (let byte = 0; byte < after.length; byte++) room[at++] = after[byte];
  }
  return room.slice(0, at);
}
