import { type CarriedColumn, fixedWidth, type CarriedType } from '#tensor/carried.ts';
import { readIndexes } from '#tables/numbers.ts';
import { type BatchReader, exactly, readValidity } from './batch-body.ts';
import { broken } from './decode-message.ts';
import { checkText, readLargeOffsets, readOffsets } from './offsets.ts';
import { quote } from '#errors.ts';
import type { ArrowField } from './table-schema.ts';
import { readViews } from './views.ts';

/** Dictionaries by their id, as the messages before have brought them. */
export type Dictionaries = ReadonlyMap<number, CarriedColumn>;

/**
 * The next column of a record batch, as its type says.
 * @throws Problem broken_body where its buffers are too short or its offsets lie; body_too_large
 */
export function readBatchColumn(
  reader: BatchReader,
  field: ArrowField,
  rows: number,
  known: Dictionaries,
): CarriedColumn {
  const { type, name } = field;
  const { length, hasNulls } = reader.node();
  if (length !== rows) throw broken(`column ${quote(name)} has ${length} values where ${rows} are expected`);
  if (type.kind === 'null') return { type, length, data: new Uint8Array(0) };
  const validity = readValidity(reader, length, hasNulls, name);
  const column = readValues(reader, type, length, name, validity);
  if (validity) column.validity = validity;
  if (type.kind !== 'dictionary') return column;
  const dictionary = known.get(field.dictionaryId ?? NaN) ?? emptyColumn(field.values ?? { kind: 'null' });
  checkIndexes(column, dictionary.length, name);
  column.dictionary = dictionary;
  return column;
}

function readValues(
  reader: BatchReader,
  type: CarriedType,
  length: number,
  name: string,
  validity?: Uint8Array,
): CarriedColumn {
  if (type.kind === 'utf8' || type.kind === 'binary') {
    const { offsets, data } =
      type.wire === 'view' ? readViews(reader, length, name, validity) : readText(reader, type.wire, length, name);
    if (type.kind === 'utf8') checkText(data, name);
    return { type, length, offsets, data };
  }
  const width = fixedWidth(type);
  const bytes = width === undefined ? Math.ceil(length / 8) : width * length;
  return { type, length, data: exactly(reader.buffer(), bytes, name) };
}

function readText(reader: BatchReader, wire: 'large' | undefined, length: number, name: string) {
  const stored = reader.buffer();
  const offsets = wire === 'large' ? readLargeOffsets(stored, length, name) : readOffsets(stored, length, name);
  const data = reader.buffer();
  const [start, end] = [offsets[0], offsets[length]];
  if (end > data.length) throw broken(`the values of column ${quote(name)} end behind their buffer`);
  if (start > 0) for (let row = 0; row <= length; row++) offsets[row] -= start;
  return { offsets, data: data.subarray(start, end) };
}

/** A dictionary that no message has brought. */
export function emptyColumn(type: CarriedType): CarriedColumn {
  const column: CarriedColumn = { type, length: 0, data: new Uint8Array(0) };
  if (type.kind === 'utf8' || type.kind === 'binary') column.offsets = new Int32Array(1);
  return column;
}

function checkIndexes({ type, data, length, validity }: CarriedColumn, known: number, name: string): void {
  if (type.kind !== 'dictionary') return;
  const indexes = readIndexes(type, data, length);
  for (let row = 0; row < length; row++) {
    if (indexes[row] >= 0 && indexes[row] < known) continue;
    if (validity && ((validity[row >> 3] >> (row & 7)) & 1) === 0) continue;
    throw broken(`column ${quote(name)} has the index ${indexes[row]} into a dictionary of ${known} values`);
  }
}
