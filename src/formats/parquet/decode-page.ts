import type { parquetHeader } from 'hyparquet/src/column.js';
import { isUtf8 } from 'node:buffer';
import { Problem } from '#errors.ts';
import { type CarriedColumn, fixedWidth } from '#tensor/carried.ts';
import { parsing } from './broken.ts';
import { decodeHybrid } from './hybrid.ts';
import type { ParquetField } from './footer.ts';
import { inflatePage } from './inflate-page.ts';
import { packBits, readPlain, readValues } from './page-values.ts';
import { spread } from './spread.ts';

export type PageHeader = ReturnType<typeof parquetHeader>;

/** A page as it is stored, and what its values need to be known. */
export interface PageJob {
  header: PageHeader;
  bytes: Uint8Array;
  codec: string;
  field: ParquetField;
  /** Of the column in its row group; a page of a dictionary brings it. */
  dictionary?: CarriedColumn;
  /** Rows that the row group has left. */
  maxRows: number;
  /** Bytes that the page may take. */
  limit: number;
}

/**
 * The rows of a page, or the values of a dictionary.
 * @throws Problem broken_body, invalid_data, body_too_large
 */
export function decodePage({ header, bytes, codec, field, dictionary, maxRows, limit }: PageJob): CarriedColumn {
  if (header.type === 'DICTIONARY_PAGE') {
    return parsing('a dictionary', () => readDictionary(header, bytes, codec, field));
  }
  return parsing('a page', () => readPage(header, bytes, codec, field, dictionary, maxRows, limit));
}

/** hyparquet gives what stands there, of whatever type it is. */
export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function readDictionary(header: PageHeader, bytes: Uint8Array, codec: string, field: ParquetField): CarriedColumn {
  const count = header.dictionary_page_header?.num_values ?? -1;
  const page = inflatePage(bytes, codec, header.uncompressed_page_size);
  // Each value takes a byte at least; booleans have no dictionary.
  if (!(isCount(count) && count <= page.length) || field.element.type === 'BOOLEAN') {
    throw new RangeError(`it says to have ${count} values`);
  }
  return readPlain(page, field, count);
}

function readPage(
  header: PageHeader,
  bytes: Uint8Array,
  codec: string,
  field: ParquetField,
  dictionary: CarriedColumn | undefined,
  maxRows: number,
  limit: number,
): CarriedColumn {
  const { data_page_header: v1, data_page_header_v2: v2 } = header;
  const rows = (v2 ?? v1)?.num_values ?? -1;
  if (!(isCount(rows) && rows <= maxRows)) throw new RangeError(`it says to have ${rows} rows`);
  // A level, an index and a value for each: a page of few bytes may be of many rows.
  if (rows * (5 + (fixedWidth(field.type) ?? 4)) > limit) {
    throw new Problem('body_too_large', `A page of the Parquet file has ${rows} rows, more than one request may hold.`);
  }
  const isPresent = new Uint8Array(rows);
  let values: Uint8Array;
  if (v2) {
    const [levels, repeats] = [v2.definition_levels_byte_length, v2.repetition_levels_byte_length];
    if (
      !(
        isCount(levels) &&
        isCount(repeats) &&
        levels + repeats <= Math.min(bytes.length, header.uncompressed_page_size)
      )
    ) {
      throw new RangeError('its levels are not inside it');
    }
    readLevels(bytes.subarray(repeats, repeats + levels), field, isPresent);
    const stored = bytes.subarray(repeats + levels);
    const size = header.uncompressed_page_size - repeats - levels;
    values = inflatePage(stored, v2.is_compressed ? codec : 'UNCOMPRESSED', size);
  } else {
    const page = inflatePage(bytes, codec, header.uncompressed_page_size);
    const levels = field.isNullable ? new DataView(page.buffer, page.byteOffset, page.length).getUint32(0, true) : -4;
    if (4 + levels > page.length) throw new RangeError('its levels are not inside it');
    readLevels(page.subarray(4, 4 + levels), field, isPresent);
    values = page.subarray(4 + levels);
  }
  const count = isPresent.reduce((sum, one) => sum + one, 0);
  const column = readValues(values, (v2 ?? v1)?.encoding, field, count, dictionary, limit);
  if (field.type.kind === 'utf8' && !isUtf8(column.data)) throw new RangeError('its text is not UTF-8');
  return count === rows ? column : spread(column, isPresent, packBits(isPresent));
}

/** 1 for each row that has a value. */
function readLevels(bytes: Uint8Array, { isNullable }: ParquetField, isPresent: Uint8Array): void {
  if (!isNullable) {
    isPresent.fill(1);
    return;
  }
  decodeHybrid(bytes, 1, isPresent);
  for (let row = 0; row < isPresent.length; row++) if (isPresent[row] > 1) throw new RangeError('a level is above 1');
}
