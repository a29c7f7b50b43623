import { type CarriedColumn, isMissing } from '#tensor/carried.ts';
import { createTextReader, isJsonText } from './carried-text.ts';
import type { CellWriter } from './weave-rows.ts';

const [quote, newline, carriageReturn, space] = Buffer.from('"\n\r ');
const nullBytes = Buffer.from('null');

/** Cells of CSV: nothing where a value is missing, and quotes where RFC 4180 asks for them, and around an empty text. */
export function createCsvWriter(column: CarriedColumn, delimiter: number): CellWriter {
  const bytesAt = column.type.kind === 'utf8' ? sliceReader(column) : encodeReader(column, plainText(column));
  return {
    maxBytes: (row) => 2 * bytesAt(row).length + 2,
    write(row, to, start) {
      if (isMissing(column, row)) return start;
      const bytes = bytesAt(row);
      if (!needsQuotes(bytes, delimiter)) {
        to.set(bytes, start);
        return start + bytes.length;
      }
      let at = start;
      to[at++] = quote;
      for (const byte of bytes) {
        if (byte === quote) to[at++] = quote;
        to[at++] = byte;
      }
      to[at++] = quote;
      return at;
    },
  };
}

function needsQuotes(bytes: Uint8Array, delimiter: number): boolean {
  if (bytes.length === 0 || bytes[0] === space || bytes[bytes.length - 1] === space) return true;
  for (const byte of bytes) {
    if (byte === delimiter || byte === quote || byte === newline || byte === carriageReturn) return true;
  }
  return false;
}

/** A JSON string is written as what it says, any other value of JSON as it stands. */
function plainText(column: CarriedColumn): (row: number) => string {
  const read = createTextReader(column);
  const isJson = (column.dictionary ?? column).type.kind === 'json';
  return (row) => {
    const text = read(row) ?? '';
    return isJson && text.startsWith('"') ? (JSON.parse(text) as string) : text;
  };
}

/** Values of JSON: null where one is missing. */
export function createJsonWriter(column: CarriedColumn): CellWriter {
  const bytesAt = column.type.kind === 'json' ? sliceReader(column) : encodeReader(column, jsonText(column));
  return {
    maxBytes: (row) => (isMissing(column, row) ? nullBytes.length : bytesAt(row).length),
    write(row, to, start) {
      const bytes = isMissing(column, row) ? nullBytes : bytesAt(row);
      to.set(bytes, start);
      return start + bytes.length;
    },
  };
}

function jsonText(column: CarriedColumn): (row: number) => string {
  const read = createTextReader(column);
  const isFloat = (column.dictionary ?? column).type.kind === 'float';
  if (isJsonText(column)) return (row) => read(row) ?? 'null';
  return (row) => {
    const text = read(row);
    if (text === null || text === 'NaN') return 'null';
    return isFloat && !text.endsWith('Infinity') ? text : JSON.stringify(text);
  };
}

function sliceReader({ offsets = new Int32Array(1), data }: CarriedColumn): (row: number) => Uint8Array {
  return (row) => data.subarray(offsets[row], offsets[row + 1]);
}

/** A cell is asked for twice, for its length and for itself: the last one is kept. */
function encodeReader(column: CarriedColumn, textAt: (row: number) => string): (row: number) => Uint8Array {
  let last = -1;
  let bytes: Uint8Array = new Uint8Array(0);
  return (row) => {
    if (row !== last) bytes = Buffer.from(isMissing(column, row) ? '' : textAt(row));
    last = row;
    return bytes;
  };
}
