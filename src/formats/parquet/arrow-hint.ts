import type { CarriedType } from '#tensor/carried.ts';
import { readMessage } from '#formats/arrow/decode-message.ts';
import { type ArrowField, readTableSchema } from '#formats/arrow/table-schema.ts';
import type { WrittenField } from '#formats/arrow/table-writer.ts';

/** How pyarrow and polars know time zones, categories and durations again, which Parquet has no types for. */
export const arrowSchemaKey = 'ARROW:schema';

/** The Arrow schema that a writer has left in a Parquet file, by column; none where it cannot be read. */
export function readArrowHint(base64: string | undefined): ReadonlyMap<string, ArrowField> {
  if (base64 === undefined) return new Map();
  try {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
    const hasMark = bytes.length > 8 && rootOffset(bytes) === 0xffffffff;
    const { kind, header } = readMessage(bytes.subarray(hasMark ? 8 : 4));
    if (kind !== 'schema') return new Map();
    return new Map(readTableSchema(header).fields.map((field) => [field.name, field]));
  } catch {
    return new Map();
  }
}

function rootOffset(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}

/** The type with what Arrow knows beyond it; what is stored stays as it is. */
export function refineType(type: CarriedType, hint: CarriedType | undefined): CarriedType {
  if (!hint) return type;
  const isZoned = type.kind === 'timestamp' && type.timezone !== undefined;
  if (isZoned && hint.kind === 'timestamp' && hint.timezone !== undefined) return { ...type, timezone: hint.timezone };
  if (type.kind === 'int' && type.bits === 64 && hint.kind === 'duration') return hint;
  if (type.kind === 'utf8' && hint.kind === 'utf8') return hint;
  if (type.kind === 'binary' && hint.kind === 'binary') return hint;
  return type;
}

/** A column to be written, and what Arrow knew it as where it came from. */
export interface ParquetWrittenField extends WrittenField {
  arrow?: ArrowField;
}

/** What Arrow shall know a column of a Parquet file as when it is written again. */
export function declareType(field: ParquetWrittenField): WrittenField {
  const { name, type, isNullable, arrow } = field;
  if (arrow) return { name, type: arrow.type, values: arrow.values, isNullable };
  // Arrow has decimals of 128 bits where nothing else is said, however Parquet stores them.
  if (type.kind === 'decimal' && type.bits < 128) return { name, type: { ...type, bits: 128 }, isNullable };
  return field;
}
