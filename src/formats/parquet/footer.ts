import { type FileMetaData, parquetMetadata, type SchemaElement } from 'hyparquet';
import { Problem } from '#errors.ts';
import type { TableField } from '#tables/field.ts';
import type { ArrowField } from '#formats/arrow/table-schema.ts';
import { readIndexColumns } from '#formats/pandas-index.ts';
import type { RandomBytes } from '#formats/random-bytes.ts';
import { arrowSchemaKey, readArrowHint, refineType } from './arrow-hint.ts';
import { brokenParquet, parsing } from './broken.ts';
import { endOfThrift } from './check-thrift.ts';
import { typeOfElement } from './field-type.ts';

/** The pages of one column in one row group. */
export interface ColumnChunk {
  codec: string;
  start: number;
  end: number;
  rows: number;
}

export interface RowGroup {
  rows: number;
  /** One for each column of the schema. */
  chunks: ColumnChunk[];
}

/** What is known of a column before its pages are read. */
export interface ParquetField extends TableField {
  element: SchemaElement;
  /** What Arrow knew the column as, where its writer has left word: a dictionary, for one. */
  arrow?: ArrowField;
}

export interface ParquetFooter {
  fields: ParquetField[];
  rowGroups: RowGroup[];
}

/** The length of the footer, and what a file begins and ends with. */
const tailBytes = 8;
const magic = 'PAR1';
const encryptedMagic = 'PARE';

const maxFooterBytes = 2 ** 24;

/**
 * Reads what the end of a Parquet file says of it. Every place that it names is inside the file, and no two overlap.
 *
 * Format: https://github.com/apache/parquet-format
 * @throws Problem broken_body; invalid_data, by the column's name, for nested columns; body_too_large
 */
export async function readParquetFooter(file: RandomBytes): Promise<ParquetFooter> {
  if (file.size < tailBytes + magic.length) throw brokenParquet('it is too short');
  const tail = await file.read(file.size - tailBytes, tailBytes);
  const end = Buffer.from(tail).toString('latin1', 4);
  if (end === encryptedMagic) throw new Problem('invalid_data', 'The Parquet file is encrypted; plain ones are read.');
  if (end !== magic) throw brokenParquet('it does not end with PAR1, so its end is missing');
  const length = new DataView(tail.buffer).getUint32(0, true);
  if (length > file.size - tailBytes - magic.length) throw brokenParquet(`its footer says to be ${length} bytes long`);
  if (length > maxFooterBytes) {
    throw new Problem(
      'body_too_large',
      `The footer of the Parquet file is ${length} bytes; ${maxFooterBytes} are read.`,
    );
  }
  const footer = await file.read(file.size - tailBytes - length, length + tailBytes);
  const metadata = parsing('its footer', () => {
    if (endOfThrift(footer.subarray(0, length)) === undefined) throw new RangeError('it ends early');
    return parquetMetadata(footer, { geoparquet: false });
  });
  return parsing('its footer', () => {
    const fields = readFields(metadata);
    return { fields, rowGroups: readRowGroups(metadata, fields, file.size) };
  });
}

function readFields({ schema, key_value_metadata: pairs }: FileMetaData): ParquetField[] {
  const [root, ...elements] = schema;
  const valueOf = (wanted: string) => pairs?.find(({ key }) => key === wanted)?.value;
  const indexes = readIndexColumns(valueOf('pandas'));
  const hints = readArrowHint(valueOf(arrowSchemaKey));
  for (const { name, num_children: children, repetition_type: repetition, type_length: width } of elements) {
    if (typeof name !== 'string' || !Number.isInteger(width ?? 0))
      throw new RangeError('a column has no name or width');
    if (!children && repetition !== 'REPEATED') continue;
    throw new Problem(
      'invalid_data',
      `Column ${JSON.stringify(name)} is nested: a list, a struct or a map. Leave it out, or write each of its values as a column.`,
    );
  }
  if (root.num_children !== elements.length) throw new RangeError('its schema has other columns than it says');
  if (elements.length === 0) throw new Problem('invalid_data', 'The Parquet table has no columns.');
  return elements.map((element) => ({
    element,
    name: element.name,
    type: refineType(typeOfElement(element), hints.get(element.name)?.type),
    isNullable: element.repetition_type === 'OPTIONAL',
    isIndex: indexes.has(element.name),
    arrow: hints.get(element.name),
  }));
}

function readRowGroups({ row_groups: groups }: FileMetaData, fields: ParquetField[], size: number): RowGroup[] {
  let taken = 0;
  return groups.map(({ num_rows: count, columns }) => {
    const rows = safe(count);
    if (columns.length !== fields.length) throw new RangeError('a row group has other columns than the schema');
    const chunks = columns.map(({ meta_data: data, file_path: path, crypto_metadata: crypto }, at) => {
      if (path) throw new Problem('invalid_data', `The Parquet file keeps its columns in another file, ${path}.`);
      if (crypto || !data) throw new Problem('invalid_data', 'The Parquet file is encrypted; plain ones are read.');
      if (data.type !== fields[at].element.type) throw new RangeError('a column has another type than in the schema');
      if (safe(data.num_values) !== rows) throw new RangeError('a column has other rows than its row group');
      const dictionary = data.dictionary_page_offset ? safe(data.dictionary_page_offset) : Infinity;
      const start = Math.min(safe(data.data_page_offset), dictionary);
      const end = start + safe(data.total_compressed_size);
      if (end > size - tailBytes) throw new RangeError('a column is not inside the file');
      taken += end - start;
      return { codec: data.codec, start, end, rows };
    });
    if (taken > size) throw new RangeError('its columns overlap');
    return { rows, chunks };
  });
}

/** hyparquet gives what stands there, of whatever type it is. */
function safe(value: unknown): number {
  const number = typeof value === 'bigint' ? Number(value) : NaN;
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError('a length is missing or is no whole number');
}
