import { parquetHeader } from 'hyparquet/src/column.js';
import { isUtf8 } from 'node:buffer';
import { Problem } from '#errors.ts';
import { type CarriedColumn, fixedWidth } from '#tensor/carried.ts';
import type { RandomBytes } from '#formats/random-bytes.ts';
import { brokenParquet, parsing } from './broken.ts';
import { endOfThrift } from './check-thrift.ts';
import type { ColumnChunk, ParquetField } from './footer.ts';
import { inflatePage } from './inflate-page.ts';
import { decodeHybrid } from './hybrid.ts';
import { packBits, readPlain, readValues } from './page-values.ts';
import { spread } from './spread.ts';

type PageHeader = ReturnType<typeof parquetHeader>;

/** Bytes that are read to find a page's header, and more where statistics make it long. */
const headerBytes = 2 ** 13;
const maxHeaderBytes = 2 ** 22;

/**
 * The pages of a column in one row group, each as a column of its rows, when they are asked for.
 * @param limit bytes that a page may take
 * @throws Problem broken_body, invalid_data, body_too_large
 */
export async function* readPages(
  file: RandomBytes,
  { codec, start, end, rows }: ColumnChunk,
  field: ParquetField,
  limit: number,
): AsyncGenerator<CarriedColumn, void> {
  let dictionary: CarriedColumn | undefined;
  let missing = rows;
  for (let at = start; missing > 0; ) {
    const { header, length } = await readHeader(file, at, end);
    const [stored, size] = [header.compressed_page_size, header.uncompressed_page_size];
    at += length;
    if (!(isCount(stored) && isCount(size) && stored <= end - at))
      throw brokenParquet('a page is not inside its column');
    if (size > limit) {
      throw new Problem(
        'body_too_large',
        `A page of the Parquet file is ${size} bytes, and one request may hold ${limit} (NORMA_BODY_LIMIT).`,
      );
    }
    const bytes = await file.read(at, stored);
    at += stored;
    if (header.type === 'DICTIONARY_PAGE') {
      dictionary = parsing('a dictionary', () => readDictionary(header, bytes, codec, field));
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const known = dictionary;
      const page = parsing('a page', () => readPage(header, bytes, codec, field, known, missing, limit));
      missing -= page.length;
      if (page.length > 0) yield page;
    }
  }
}

/** hyparquet gives what stands there, of whatever type it is. */
function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

async function readHeader(file: RandomBytes, at: number, end: number): Promise<{ header: PageHeader; length: number }> {
  for (let size = headerBytes; size <= maxHeaderBytes; size *= 8) {
    const bytes = await file.read(at, Math.min(size, end - at));
    const length = parsing('the header of a page', () => endOfThrift(bytes));
    if (length !== undefined) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, length);
      return { header: parsing('the header of a page', () => parquetHeader({ view, offset: 0 })), length };
    }
    if (size >= end - at) break;
  }
  throw brokenParquet('a column has fewer rows than its row group');
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
