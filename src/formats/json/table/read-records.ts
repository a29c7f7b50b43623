import { problemAt } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';
import type { TableColumn } from '#tables/schema.ts';
import { type ColumnSink, createKindSink } from './json-columns.ts';
import {
  closeBrace,
  colon,
  comma,
  endOfString,
  notJson,
  openBrace,
  readString,
  quote,
  skipBlanks,
  skipOver,
} from './scan.ts';

/** Records that say which columns a table has, and what they hold. */
export const maxTypedRecords = 1000;

/** The columns of a table of records, as they are found. */
export interface RecordColumns {
  names: string[];
  /** Each name as the text of a JSON string, as it was first written. */
  keys: Uint8Array[];
  places: Map<string, number>;
  /** The last row that had each column, so that a doubled key is found. */
  lastRows: number[];
}

function createRecordColumns(): RecordColumns {
  return { names: [], keys: [], places: new Map(), lastRows: [] };
}

/** The same columns, for rows that are counted from 0 again. */
export function fromFirstRow(columns: RecordColumns): RecordColumns {
  return { names: columns.names, keys: columns.keys, places: columns.places, lastRows: columns.names.map(() => -1) };
}

/** Columns that are known by name. */
export function recordColumnsOf(names: readonly string[]): RecordColumns {
  const columns = createRecordColumns();
  for (const name of names) addColumn(columns, name, Buffer.from(JSON.stringify(name)));
  return columns;
}

function addColumn({ names, keys, places, lastRows }: RecordColumns, name: string, key: Uint8Array): number {
  places.set(name, names.length);
  keys.push(key);
  lastRows.push(-1);
  return names.push(name) - 1;
}

/**
 * Reads the record that begins at a byte, and returns the byte behind it.
 * @param mayAdd whether a key that is new makes a column
 * @param pointer the JSON pointer of the record
 * @throws Problem duplicate_columns, unknown_columns for a new key, invalid_json
 */
export function readRecord(
  bytes: Uint8Array,
  start: number,
  row: number,
  columns: RecordColumns,
  sink: ColumnSink,
  { mayAdd, pointer }: { mayAdd: boolean; pointer: () => string },
): number {
  const { keys, names, lastRows } = columns;
  if (bytes[start] !== openBrace) throw notRecord(bytes, start, pointer());
  let at = skipBlanks(bytes, start + 1);
  let found = 0;
  for (let next = 0; bytes[at] !== closeBrace; next++) {
    if (found > 0) at = skipOver(bytes, at, comma);
    if (bytes[at] !== quote) throw notJson(bytes, at, 'a name in quotes is expected');
    let column = next;
    let end = next < keys.length ? behindKey(bytes, at, keys[next]) : -1;
    if (end < 0) {
      end = endOfString(bytes, at);
      const name = readString(bytes, at, end);
      column = columns.places.get(name) ?? -1;
      if (column < 0) {
        if (!mayAdd) throw newKey(name, names, pointer());
        column = addColumn(columns, name, bytes.slice(at, end));
      }
      next = column;
    }
    if (lastRows[column] === row) throw doubledKey(names[column], pointer());
    lastRows[column] = row;
    at = bytes[end] === colon ? skipBlanks(bytes, end + 1) : skipOver(bytes, end, colon);
    at = sink.take(bytes, at, column, row);
    if (bytes[at] !== comma) at = skipBlanks(bytes, at);
    found++;
    if (bytes[at] !== comma && bytes[at] !== closeBrace) throw notJson(bytes, at, '"," or "}" is expected');
  }
  if (found < names.length) {
    for (let column = 0; column < names.length; column++) if (lastRows[column] !== row) sink.takeMissing(column, row);
  }
  return at + 1;
}

/** The byte behind a key, where it is this one; -1 where it is not. */
function behindKey(bytes: Uint8Array, at: number, key: Uint8Array): number {
  for (let place = 0; place < key.length; place++) if (bytes[at + place] !== key[place]) return -1;
  return at + key.length;
}

/** Looks at the first records to find the columns and what they hold. */
export function typeRecords(
  visit: (take: (bytes: Uint8Array, at: number) => number) => void,
  pointer: string,
): { schema: TableColumn[]; columns: RecordColumns } {
  const columns = createRecordColumns();
  const kinds = createKindSink();
  let row = 0;
  visit((bytes, at) => {
    const place = row++;
    return readRecord(bytes, at, place, columns, kinds, { mayAdd: true, pointer: () => `${pointer}/${place}` });
  });
  return { schema: columns.names.map((name, column) => ({ name, ...kinds.columnAt(column) })), columns };
}

function notRecord(bytes: Uint8Array, at: number, pointer: string) {
  const shown = JSON.stringify(String.fromCharCode(bytes[at] ?? 0x20));
  return problemAt(
    'invalid_data',
    pointer,
    `A record is an object with one value per column; this one begins with ${shown}.`,
  );
}

function newKey(name: string, names: readonly string[], pointer: string) {
  const detail = `The record has ${quoteName(name)}, which none of the first ${maxTypedRecords} has: a table has the same columns in each row, here ${names.length}.`;
  return problemAt('unknown_columns', pointer, detail);
}

function doubledKey(name: string, pointer: string) {
  return problemAt('duplicate_columns', pointer, `The record has ${quoteName(name)} twice.`);
}
