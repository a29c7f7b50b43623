import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { CarriedColumn } from '#tensor/carried.ts';
import { createArrowWriter, type WrittenField } from '#formats/arrow/table-writer.ts';
import { arrowSchemaKey, declareType, type ParquetWrittenField } from './arrow-hint.ts';
import { describeType } from './write-element.ts';
import { valuesToWrite } from './write-values.ts';

export interface ParquetTableWriter {
  /**
   * Some rows as a row group: the bytes that follow those before.
   * @param columns one for each field, of its type
   */
  write(columns: readonly CarriedColumn[]): Uint8Array;
  /** The bytes that end the file. */
  end(): Uint8Array;
}

/**
 * Writes a table of any columns as a Parquet file, a row group at a time. What Parquet has no types for, such as time zones and
 * categories, pyarrow and polars know again by an Arrow schema beside it.
 */
export function createParquetWriter(fields: readonly ParquetWrittenField[]): ParquetTableWriter {
  const bytes = new ByteWriter();
  const root = { name: 'schema', num_children: fields.length };
  const arrowSchema = Buffer.from(createArrowWriter(fields.map(declareType)).begin()).toString('base64');
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [root, ...fields.map(elementOf)],
    kvMetadata: [{ key: arrowSchemaKey, value: arrowSchema }],
    statistics: false,
    createdBy: 'norma',
  });

  /** What was written since the last time. */
  function take(): Uint8Array {
    const taken = bytes.getBytes().slice();
    bytes.index = 0;
    return taken;
  }

  return {
    write(columns) {
      const length = columns[0]?.length ?? 0;
      const columnData = columns.map((column, at) => ({
        name: fields[at].name,
        data: valuesToWrite(column),
        // Looking for a dictionary takes ten times as long as writing, and Snappy finds what recurs as well.
        encoding: fields[at].type.kind === 'dictionary' || column.type.kind === 'bool' ? undefined : ('PLAIN' as const),
      }));
      if (length > 0) void writer.write({ columnData, rowGroupSize: length });
      return take();
    },
    end() {
      void writer.finish();
      return take();
    },
  };
}

function elementOf({ name, type, values, isNullable }: WrittenField): SchemaElement {
  const stored = type.kind === 'dictionary' ? (values ?? { kind: 'null' }) : type;
  // A dictionary of dictionaries is none that a reader gives.
  const described = describeType(stored.kind === 'dictionary' ? { kind: 'null' } : stored);
  return { ...described, name, repetition_type: isNullable || stored.kind === 'null' ? 'OPTIONAL' : 'REQUIRED' };
}
