import type { SchemaElement } from 'hyparquet';
import type { CarriedType, TimeUnit } from '#tensor/carried.ts';

type Described = Omit<SchemaElement, 'name' | 'repetition_type'>;

/** Parquet has no seconds: they are written as milliseconds. */
const units = { second: 'MILLIS', millisecond: 'MILLIS', microsecond: 'MICROS', nanosecond: 'NANOS' } as const;

const converted: Partial<Record<TimeUnit, 'MILLIS' | 'MICROS'>> = {
  second: 'MILLIS',
  millisecond: 'MILLIS',
  microsecond: 'MICROS',
};

/**
 * How a column is described in a Parquet schema. What Parquet has no type for, durations, is stored as integers.
 *
 * Format: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
 */
export function describeType(type: Exclude<CarriedType, { kind: 'dictionary' }>): Described {
  switch (type.kind) {
    case 'null':
      return { type: 'INT32', logical_type: { type: 'NULL' } };
    case 'bool':
      return { type: 'BOOLEAN' };
    case 'int': {
      const { bits, signed } = type;
      // No logical type beside it: hyparquet-writer 0.17 stores its width as a number that pyarrow refuses.
      return { type: bits === 64 ? 'INT64' : 'INT32', converted_type: `${signed ? '' : 'U'}INT_${bits}` };
    }
    case 'float':
      if (type.bits === 64) return { type: 'DOUBLE' };
      if (type.bits === 32) return { type: 'FLOAT' };
      return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } };
    case 'utf8':
    case 'json':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
    case 'binary':
      return { type: 'BYTE_ARRAY' };
    case 'fixed_binary':
      return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: type.width };
    case 'decimal':
      return describeDecimal(type);
    case 'date':
      return { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } };
    case 'time': {
      const unit = units[type.unit];
      const name = converted[type.unit];
      const logical = { type: 'TIME', isAdjustedToUTC: false, unit } as const;
      return {
        type: unit === 'MILLIS' ? 'INT32' : 'INT64',
        converted_type: name && `TIME_${name}`,
        logical_type: logical,
      };
    }
    case 'timestamp': {
      const isUtc = type.timezone !== undefined;
      const name = isUtc ? converted[type.unit] : undefined;
      return {
        type: 'INT64',
        converted_type: name && `TIMESTAMP_${name}`,
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: isUtc, unit: units[type.unit] },
      };
    }
    case 'duration':
      return { type: 'INT64' };
  }
}

function describeDecimal({ bits, precision, scale }: CarriedType & { kind: 'decimal' }): Described {
  const stored = bits === 32 ? 'INT32' : bits === 64 ? 'INT64' : 'FIXED_LEN_BYTE_ARRAY';
  return {
    type: stored,
    type_length: stored === 'FIXED_LEN_BYTE_ARRAY' ? bits / 8 : undefined,
    converted_type: 'DECIMAL',
    scale,
    precision,
    logical_type: { type: 'DECIMAL', precision, scale },
  };
}
