import { Problem } from '#errors.ts';
import { type CarriedColumn, sliceCarried } from '#tensor/carried.ts';
import { type BatchReader, readValidity } from './batch-body.ts';
import { readBatchColumn } from './batch-columns.ts';
import { broken } from './decode-message.ts';
import { readLargeOffsets, readOffsets } from './offsets.ts';
import { quote } from '#errors.ts';
import type { ArrowField, ListLevel } from './table-schema.ts';

interface Range {
  first: number;
  count: number;
}

/**
 * A column of lists of one length, as the numbers in them and that length.
 * @param expected the shape of the batches before, where there were any
 * @throws Problem broken_body; invalid_data for a list that is null; ragged_rows for lists of different lengths
 */
export function readListColumn(
  reader: BatchReader,
  field: ArrowField,
  levels: readonly ListLevel[],
  rows: number,
  expected?: readonly number[],
): { column: CarriedColumn; shape: number[] } {
  const shape: number[] = [];
  let range: Range = { first: 0, count: rows };
  levels.forEach((level, depth) => {
    const { length, hasNulls } = reader.node();
    if (length < range.first + range.count) throw broken(`column ${quote(field.name)} has too few lists`);
    const validity = readValidity(reader, length, hasNulls, field.name);
    checkNoneIsNull(validity, range, field.name);
    const size = level.kind === 'fixed' ? level.length : undefined;
    if (size !== undefined) {
      range = { first: range.first * size, count: range.count * size };
      shape.push(size);
      return;
    }
    const isLarge = level.kind === 'variable' && level.isLarge;
    const offsets = (isLarge ? readLargeOffsets : readOffsets)(reader.buffer(), length, field.name);
    const equal = commonLength(offsets, range, field.name, expected?.[depth]);
    range = { first: offsets[range.first], count: range.count * equal };
    shape.push(equal);
  });
  const { length } = reader.peekNode();
  if (!(length >= range.first + range.count)) throw broken(`column ${quote(field.name)} has too few values`);
  const column = readBatchColumn(reader, field, length, new Map());
  return { column: sliceCarried(column, range.first, range.first + range.count), shape };
}

function checkNoneIsNull(validity: Uint8Array | undefined, { first, count }: Range, name: string): void {
  for (let row = first; validity && row < first + count; row++) {
    if (((validity[row >> 3] >> (row & 7)) & 1) === 1) continue;
    throw new Problem('invalid_data', `The list in row ${row} of column ${quote(name)} is null; numbers in it may be.`);
  }
}

function commonLength(offsets: Int32Array, { first, count }: Range, name: string, expected?: number): number {
  const length = expected ?? (count > 0 ? offsets[first + 1] - offsets[first] : 0);
  for (let row = first; row < first + count; row++) {
    const own = offsets[row + 1] - offsets[row];
    if (own === length) continue;
    throw new Problem(
      'ragged_rows',
      `The list in row ${row} of column ${quote(name)} has ${own} values, those before it ${length}.`,
    );
  }
  return length;
}
