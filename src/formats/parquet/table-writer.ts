import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { CarriedColumn } from '#tensor/carried.ts';
import { createArrowWriter } from '#formats/arrow/table-writer.ts';
import { arrowSchemaKey, declareType, type ParquetWrittenField } from './arrow-hint.ts';
import { type EncodedGroup, encodeRowGroup, magicBytes, schemaOf } from './row-group.ts';

export interface ParquetTableWriter {
  /**
   * Some rows as a row group: the bytes that follow those before.
   * @param columns one for each field, of its type
   */
  write(columns: readonly CarriedColumn[]): Uint8Array;
  /** The same of rows that are encoded already. */
  append(group: EncodedGroup): Uint8Array;
  /** The bytes that end the file. */
  end(): Uint8Array;
}

/**
 * Writes a table of any columns as a Parquet file, a row group at a time. What Parquet has no types for, such as time zones and
 * categories, pyarrow and polars know again by an Arrow schema beside it.
 */
export function createParquetWriter(fields: readonly ParquetWrittenField[]): ParquetTableWriter {
  const bytes = new ByteWriter();
  const arrowSchema = Buffer.from(createArrowWriter(fields.map(declareType)).begin()).toString('base64');
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaOf(fields),
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

  function append({ bytes: encoded, group, indexes }: EncodedGroup): Uint8Array {
    moveBy(bytes.offset - magicBytes, group, indexes);
    writer.row_groups.push(group);
    writer.num_rows += group.num_rows;
    for (const index of indexes) writer.pendingIndexes.push(index);
    bytes.appendBytes(encoded);
    return take();
  }

  return {
    append,
    write: (columns) => ((columns[0]?.length ?? 0) > 0 ? append(encodeRowGroup(fields, columns)) : take()),
    end() {
      void writer.finish();
      return take();
    },
  };
}

/** Tells a row group that it stands further behind. */
function moveBy(distance: number, { columns }: EncodedGroup['group'], indexes: EncodedGroup['indexes']): void {
  const by = BigInt(distance);
  for (const chunk of columns) {
    chunk.file_offset += by;
    const { meta_data: data } = chunk;
    if (!data) continue;
    data.data_page_offset += by;
    if (data.dictionary_page_offset !== undefined) data.dictionary_page_offset += by;
  }
  for (const { offsetIndex } of indexes) {
    for (const page of offsetIndex?.page_locations ?? []) page.offset += by;
  }
}
