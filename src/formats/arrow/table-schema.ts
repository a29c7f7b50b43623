import { Problem } from '#errors.ts';
import type { TableField } from '#tables/field.ts';
import { maxRank } from '#tensor/shape.ts';
import { readIndexColumns } from '#formats/pandas-index.ts';
import { fieldFields, readInt, readType, typeNameOf } from './field-type.ts';
import type { FlatTable } from './flatbuffer-reader.ts';
import { broken, checked, maxMetadataBytes } from './decode-message.ts';
import { quote } from '#errors.ts';

export interface ArrowField extends TableField {
  /** By what dictionary batches are meant for it, where it is dictionary-encoded. */
  dictionaryId?: number;
}

/** How the lists of an only column are stored, from the outside in: their length is fixed, or each row tells its own. */
export type ListLevel = { kind: 'fixed'; length: number } | { kind: 'variable'; isLarge: boolean };

/** What stands in an Arrow stream or file: a table, or one column of lists of numbers. */
export interface ArrowTableSchema {
  fields: ArrowField[];
  /** Where there is one column and it is of lists; its field then has the type of the numbers in them. */
  lists?: ListLevel[];
}

/** The fields of Schema.fbs. */
const schemaFields = { endianness: 0, fields: 1, customMetadata: 2 } as const;
const dictionaryFields = { id: 0, indexType: 1, isOrdered: 2 } as const;
const keyValueFields = { key: 0, value: 1 } as const;

const littleEndian = 0;

/** Columns that a table has at most. */
const maxColumns = 2 ** 18;

/**
 * Reads a schema message.
 *
 * Format: https://github.com/apache/arrow/blob/main/format/Schema.fbs
 * @throws Problem broken_body; invalid_data, by the column's name, for a type that is not read
 */
export function readTableSchema(header: FlatTable): ArrowTableSchema {
  return checked(() => {
    if (header.int16(schemaFields.endianness) !== littleEndian) {
      throw new Problem('invalid_data', 'The Arrow data are big-endian; little-endian ones are read.');
    }
    const parts = header.tables(schemaFields.fields);
    if (parts.length === 0) throw new Problem('invalid_data', 'The Arrow table has no columns.');
    if (parts.length > maxColumns) {
      throw new Problem('body_too_large', `A table may have ${maxColumns} columns; this one has ${parts.length}.`);
    }
    if (parts.length === 1 && typeNameOf(parts.at(0)).endsWith('List')) return readListSchema(parts.at(0));
    const indexes = readIndexColumns(readPandas(header));
    const fields: ArrowField[] = [];
    let length = 0;
    for (let column = 0; column < parts.length; column++) {
      const part = parts.at(column);
      length += part.bytes(fieldFields.name).length;
      // Names that share their bytes could be far longer than the message.
      if (length > maxMetadataBytes) throw broken('the names of its columns are longer than its metadata');
      fields.push(readField(part, indexes));
    }
    return { fields };
  });
}

function readField(part: FlatTable, indexes: ReadonlySet<string>): ArrowField {
  const name = Buffer.from(part.bytes(fieldFields.name)).toString('utf8');
  const type = readType(part, quote(name));
  const isNullable = part.uint8(fieldFields.nullable) === 1;
  const isIndex = indexes.has(name);
  if (!part.has(fieldFields.dictionary)) return { name, type, isNullable, isIndex };
  const encoding = part.table(fieldFields.dictionary);
  const index = encoding.has(dictionaryFields.indexType)
    ? readInt(encoding.table(dictionaryFields.indexType), quote(name))
    : ({ kind: 'int', bits: 32, signed: true } as const);
  const ordered = encoding.uint8(dictionaryFields.isOrdered) === 1;
  const dictionaryId = encoding.int64(dictionaryFields.id);
  return { name, type: { kind: 'dictionary', index, ordered }, values: type, isNullable, isIndex, dictionaryId };
}

function readListSchema(part: FlatTable): ArrowTableSchema {
  const name = Buffer.from(part.bytes(fieldFields.name)).toString('utf8');
  const lists: ListLevel[] = [];
  let inner = part;
  for (let type = typeNameOf(inner); type.endsWith('List'); type = typeNameOf(inner)) {
    if (inner.has(fieldFields.dictionary)) throw notLists(name, 'dictionary-encoded lists');
    lists.push(readLevel(inner, type, name));
    if (lists.length === maxRank) {
      throw new Problem('rank_too_high', `Column ${quote(name)} has lists nested deeper than ${maxRank - 1}.`);
    }
    const children = inner.tables(fieldFields.children);
    if (children.length !== 1) throw broken(`column ${quote(name)} has lists of ${children.length} kinds of values`);
    inner = children.at(0);
  }
  if (inner.has(fieldFields.dictionary)) throw notLists(name, 'lists of dictionary-encoded values');
  const type = readType(inner, quote(name));
  if (type.kind !== 'bool' && type.kind !== 'int' && type.kind !== 'float' && type.kind !== 'decimal') {
    throw notLists(name, `lists of ${type.kind}`);
  }
  const isNullable = inner.uint8(fieldFields.nullable) === 1;
  return { fields: [{ name, type, isNullable, isIndex: false }], lists };
}

function readLevel(part: FlatTable, type: string, name: string): ListLevel {
  if (type === 'List' || type === 'LargeList') return { kind: 'variable', isLarge: type === 'LargeList' };
  if (type !== 'FixedSizeList') throw notLists(name, `of the type ${type}`);
  const length = part.table(fieldFields.type).int32(0);
  if (length < 1) throw new Problem('invalid_data', `Column ${quote(name)} has lists of the length ${length}.`);
  return { kind: 'fixed', length };
}

function notLists(name: string, what: string): Problem {
  return new Problem('invalid_data', `Column ${quote(name)} is ${what}; lists of numbers of one length are read.`);
}

/** What pandas says of the table. */
function readPandas(header: FlatTable): string | undefined {
  const pairs = header.has(schemaFields.customMetadata) ? header.tables(schemaFields.customMetadata) : undefined;
  for (let at = 0; at < (pairs?.length ?? 0); at++) {
    const pair = pairs?.at(at);
    if (pair && Buffer.from(pair.bytes(keyValueFields.key)).toString('latin1') === 'pandas') {
      return Buffer.from(pair.bytes(keyValueFields.value)).toString('utf8');
    }
  }
  return undefined;
}
