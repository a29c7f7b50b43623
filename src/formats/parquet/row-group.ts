import type { RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { CarriedColumn } from '#tensor/carried.ts';
import type { WrittenField } from '#formats/arrow/table-writer.ts';
import { describeType } from './write-element.ts';
import { valuesToWrite } from './write-values.ts';

/** The bytes of some rows, and what the end of the file says of them. */
export interface EncodedGroup {
  bytes: Uint8Array<ArrayBuffer>;
  group: RowGroup;
  indexes: ParquetWriter['pendingIndexes'];
}

/** What stands before the first row group, "PAR1". */
export const magicBytes = 4;

/** Encodes rows as if they were the first of a file. */
export function encodeRowGroup(fields: readonly WrittenField[], columns: readonly CarriedColumn[]): EncodedGroup {
  const to = new ByteWriter();
  const writer = new ParquetWriter({ writer: to, schema: schemaOf(fields), statistics: false });
  const columnData = columns.map((column, at) => ({
    name: fields[at].name,
    data: valuesToWrite(column),
    // Looking for a dictionary takes ten times as long as writing, and Snappy finds what recurs as well.
    encoding: fields[at].type.kind === 'dictionary' || column.type.kind === 'bool' ? undefined : ('PLAIN' as const),
  }));
  void writer.write({ columnData, rowGroupSize: columns[0].length });
  return {
    bytes: to.getBytes().slice(magicBytes),
    group: writer.row_groups[0],
    indexes: writer.pendingIndexes,
  };
}

export function schemaOf(fields: readonly WrittenField[]): SchemaElement[] {
  return [{ name: 'schema', num_children: fields.length }, ...fields.map(elementOf)];
}

function elementOf({ name, type, values, isNullable }: WrittenField): SchemaElement {
  const stored = type.kind === 'dictionary' ? (values ?? { kind: 'null' }) : type;
  // A dictionary of dictionaries is none that a reader gives.
  const described = describeType(stored.kind === 'dictionary' ? { kind: 'null' } : stored);
  return { ...described, name, repetition_type: isNullable || stored.kind === 'null' ? 'OPTIONAL' : 'REQUIRED' };
}
