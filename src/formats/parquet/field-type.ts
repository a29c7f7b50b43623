import type { SchemaElement } from 'hyparquet';
import { Problem } from '#errors.ts';
import type { CarriedType, TimeUnit } from '#tensor/carried.ts';
import { brokenParquet } from './broken.ts';

const units: Record<string, TimeUnit> = { MILLIS: 'millisecond', MICROS: 'microsecond', NANOS: 'nanosecond' };

const maxPrecision = 76;

const maxFixedBytes = 2 ** 20;

/**
 * The type of a column's values.
 *
 * Format: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
 * @throws Problem invalid_data for a type that no column may have here; broken_body
 */
export function typeOfElement(element: SchemaElement): CarriedType {
  const { type, converted_type: converted, logical_type: logical, type_length: width = 0, name } = element;
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return decimalOf(element);
  switch (type) {
    case 'BOOLEAN':
      return { kind: 'bool' };
    case 'INT32':
    case 'INT64':
      return integerOf(element, type === 'INT32' ? 32 : 64);
    case 'INT96':
      return { kind: 'timestamp', unit: 'nanosecond' };
    case 'FLOAT':
      return { kind: 'float', bits: 32 };
    case 'DOUBLE':
      return { kind: 'float', bits: 64 };
    case 'BYTE_ARRAY': {
      const isText = converted === 'UTF8' || converted === 'ENUM' || converted === 'JSON';
      const isLogicalText = logical && ['STRING', 'ENUM', 'JSON'].includes(logical.type);
      return { kind: isText || isLogicalText ? 'utf8' : 'binary' };
    }
    case 'FIXED_LEN_BYTE_ARRAY':
      if (logical?.type === 'FLOAT16' && width === 2) return { kind: 'float', bits: 16 };
      if (width >= 1 && width <= maxFixedBytes) return { kind: 'fixed_binary', width };
      throw brokenParquet(`column ${JSON.stringify(name)} has values of ${width} bytes`);
    case undefined:
      throw new Problem('invalid_data', `Column ${JSON.stringify(name)} has no type.`);
  }
}

function integerOf({ converted_type: converted, logical_type: logical }: SchemaElement, bits: 32 | 64): CarriedType {
  if (logical?.type === 'NULL') return { kind: 'null' };
  if (bits === 32 && (converted === 'DATE' || logical?.type === 'DATE')) return { kind: 'date', unit: 'day' };
  if (logical?.type === 'TIMESTAMP' || logical?.type === 'TIME') {
    const unit = units[logical.unit];
    if (logical.type === 'TIME') return { kind: 'time', unit };
    return logical.isAdjustedToUTC ? { kind: 'timestamp', unit, timezone: 'UTC' } : { kind: 'timestamp', unit };
  }
  if (converted === 'TIMESTAMP_MILLIS') return { kind: 'timestamp', unit: 'millisecond', timezone: 'UTC' };
  if (converted === 'TIMESTAMP_MICROS') return { kind: 'timestamp', unit: 'microsecond', timezone: 'UTC' };
  if (converted === 'TIME_MILLIS') return { kind: 'time', unit: 'millisecond' };
  if (converted === 'TIME_MICROS') return { kind: 'time', unit: 'microsecond' };
  const [, unsigned, own] = /^(U?)INT_(8|16|32|64)$/.exec(converted ?? '') ?? ['', '', String(bits)];
  if (logical?.type === 'INTEGER') {
    const { bitWidth, isSigned } = logical;
    if (bitWidth === 8 || bitWidth === 16 || bitWidth === 32 || bitWidth === 64) {
      return { kind: 'int', bits: bitWidth, signed: isSigned };
    }
  }
  return { kind: 'int', bits: Number(own) as 8 | 16 | 32 | 64, signed: unsigned === '' };
}

function decimalOf({
  type,
  type_length: width = 0,
  precision,
  scale = 0,
  name,
  logical_type: logical,
}: SchemaElement): CarriedType {
  const digits = precision ?? (logical?.type === 'DECIMAL' ? logical.precision : 0);
  const bits = type === 'INT32' ? 32 : type === 'INT64' ? 64 : digits > 38 || width > 16 ? 256 : 128;
  const isWhole = Number.isInteger(digits) && Number.isInteger(scale);
  if (isWhole && digits >= 1 && digits <= maxPrecision && scale >= 0 && scale <= digits && width <= 32) {
    return { kind: 'decimal', bits, precision: digits, scale };
  }
  throw brokenParquet(`column ${JSON.stringify(name)} has decimals of ${digits} digits and the scale ${scale}`);
}
