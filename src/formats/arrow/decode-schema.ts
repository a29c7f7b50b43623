import { Problem, quote } from '#errors.ts';
import type { Dtype } from '#tensor/dtype.ts';
import { maxRank } from '#tensor/shape.ts';
import { broken, checked, maxMetadataBytes } from './decode-message.ts';
import type { FlatTable } from './flatbuffer-reader.ts';

/** The supported subset of an Arrow schema: numeric columns, or one column of fixed-size lists of numbers. */
export interface ArrowSchema {
  names: string[];
  /** The dtype of each column. */
  dtypes: Dtype[];
  /** The common dtype: that of all columns, or float64 if they differ. */
  dtype: Dtype;
  /** The lengths of the lists, outermost first, for a column of lists. */
  listShape?: number[];
}

/** The fields of Schema.fbs. */
const schemaFields = { endianness: 0, fields: 1 } as const;
const fieldFields = { name: 0, typeType: 2, type: 3, dictionary: 4, children: 5 } as const;
const intFields = { bitWidth: 0, isSigned: 1 } as const;
const floatFields = { precision: 0 } as const;
const listFields = { listSize: 0 } as const;

const littleEndian = 0;

/** Maximum columns of a table. */
const maxColumns = 2 ** 18;

/** The union Type. */
const typeNames = [
  'NONE',
  'Null',
  'Int',
  'FloatingPoint',
  'Binary',
  'Utf8',
  'Bool',
  'Decimal',
  'Date',
  'Time',
  'Timestamp',
  'Interval',
  'List',
  'Struct',
  'Union',
  'FixedSizeBinary',
  'FixedSizeList',
  'Map',
  'Duration',
  'LargeBinary',
  'LargeUtf8',
  'LargeList',
  'RunEndEncoded',
  'BinaryView',
  'Utf8View',
  'ListView',
  'LargeListView',
];

const floats: readonly Dtype[] = ['float16', 'float32', 'float64'];

/**
 * Reads a schema message.
 *
 * Format: https://github.com/apache/arrow/blob/main/format/Schema.fbs
 * @throws Problem broken_body; invalid_data, by the column's name, for a column that is not numeric
 */
export function readSchema(header: FlatTable): ArrowSchema {
  return checked(() => {
    if (header.int16(schemaFields.endianness) !== littleEndian) {
      throw new Problem('invalid_data', 'The Arrow stream is big-endian; only little-endian is supported.');
    }
    const fields = header.tables(schemaFields.fields);
    if (fields.length === 0) throw new Problem('invalid_data', 'The Arrow table has no columns.');
    if (fields.length > maxColumns) {
      throw new Problem(
        'body_too_large',
        `A table may have at most ${maxColumns} columns; this one has ${fields.length}.`,
      );
    }
    const first = fields.at(0);
    if (typeOf(first) === 'FixedSizeList') return schemaOfLists(first, fields.length);
    const names: string[] = [];
    const dtypes: Dtype[] = [];
    let length = 0;
    for (let column = 0; column < fields.length; column++) {
      const field = fields.at(column);
      length += field.bytes(fieldFields.name).length;
      // Names that share their bytes could add up to far more than the message.
      if (length > maxMetadataBytes) throw broken('its column names are longer than its metadata');
      names.push(nameOf(field));
      dtypes.push(dtypeOf(field, names[column]));
    }
    return { names, dtypes, dtype: dtypes.every((dtype) => dtype === dtypes[0]) ? dtypes[0] : 'float64' };
  });
}

function schemaOfLists(field: FlatTable, columns: number): ArrowSchema {
  const name = nameOf(field);
  if (columns > 1) {
    const detail = `Column ${quote(name)} is of lists; such a column is read where it is the only one.`;
    throw new Problem('invalid_data', detail);
  }
  const { dtype, shape } = listOf(field, name, []);
  return { names: [name], dtypes: [dtype], dtype, listShape: shape };
}

function nameOf(field: FlatTable): string {
  return Buffer.from(field.bytes(fieldFields.name)).toString('utf8');
}

function typeOf(field: FlatTable): string {
  const type = field.uint8(fieldFields.typeType);
  return typeNames[type] ?? `number ${type}`;
}

function dtypeOf(field: FlatTable, name: string): Dtype {
  if (field.has(fieldFields.dictionary)) throw notNumeric(name, 'dictionary-encoded');
  const type = typeOf(field);
  if (type === 'Bool') return 'bool';
  if (type === 'Int') {
    const details = field.table(fieldFields.type);
    const dtype = `${details.uint8(intFields.isSigned) ? '' : 'u'}int${details.int32(intFields.bitWidth)}`;
    if (/^u?int(8|16|32|64)$/.test(dtype)) return dtype as Dtype;
    throw notNumeric(name, dtype);
  }
  if (type === 'FloatingPoint') {
    const dtype = floats[field.table(fieldFields.type).int16(floatFields.precision)];
    if (dtype) return dtype;
  }
  throw notNumeric(name, `of type ${type}`);
}

function listOf(field: FlatTable, name: string, above: readonly number[]): { dtype: Dtype; shape: number[] } {
  if (typeOf(field) !== 'FixedSizeList') return { dtype: dtypeOf(field, name), shape: [...above] };
  if (field.has(fieldFields.dictionary)) throw notNumeric(name, 'dictionary-encoded');
  const length = field.table(fieldFields.type).int32(listFields.listSize);
  if (length < 1) throw new Problem('invalid_data', `Column ${quote(name)} has lists of the length ${length}.`);
  const shape = [...above, length];
  if (shape.length === maxRank) {
    throw new Problem('rank_too_high', `Column ${quote(name)} has lists nested deeper than ${maxRank - 1}.`);
  }
  const children = field.tables(fieldFields.children);
  if (children.length !== 1) throw broken(`column ${quote(name)} has lists of ${children.length} kinds of values`);
  return listOf(children.at(0), name, shape);
}

function notNumeric(name: string, what: string): Problem {
  return new Problem(
    'invalid_data',
    `Column ${quote(name)} is ${what}; numeric columns (bool, integers, floats) are read, or one column of fixed-size lists of numbers.`,
  );
}
