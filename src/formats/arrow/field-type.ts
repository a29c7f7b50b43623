import { Problem } from '#errors.ts';
import type { CarriedType, IntType, TimeUnit } from '#tensor/carried.ts';
import type { FlatTable } from './flatbuffer-reader.ts';
import { broken } from './decode-message.ts';

/** The fields of Schema.fbs. */
export const fieldFields = { name: 0, nullable: 1, typeType: 2, type: 3, dictionary: 4, children: 5 } as const;

/** The union Type. */
const typeNames = [
  ...['NONE', 'Null', 'Int', 'FloatingPoint', 'Binary', 'Utf8', 'Bool', 'Decimal', 'Date', 'Time', 'Timestamp'],
  ...['Interval', 'List', 'Struct', 'Union', 'FixedSizeBinary', 'FixedSizeList', 'Map', 'Duration', 'LargeBinary'],
  ...['LargeUtf8', 'LargeList', 'RunEndEncoded', 'BinaryView', 'Utf8View', 'ListView', 'LargeListView'],
];

const floatBits = [16, 32, 64] as const;

const timeUnits: readonly TimeUnit[] = ['second', 'millisecond', 'microsecond', 'nanosecond'];

const decimalBits = [32, 64, 128, 256] as const;

/** Digits of the widest decimal. */
const maxPrecision = 76;

const maxFixedBytes = 2 ** 20;

/** Longer than every name of the IANA database. */
const maxTimezoneBytes = 100;

export function typeNameOf(field: FlatTable): string {
  const type = field.uint8(fieldFields.typeType);
  return typeNames[type] ?? `number ${type}`;
}

/**
 * The type of a column's values, dictionary-encoded or not.
 *
 * Format: https://github.com/apache/arrow/blob/main/format/Schema.fbs
 * @throws Problem broken_body; invalid_data, by the column's name, for a type that no column may have here
 */
export function readType(field: FlatTable, shownName: string): CarriedType {
  const name = typeNameOf(field);
  const has = field.has(fieldFields.type);
  const details = has ? field.table(fieldFields.type) : undefined;
  const int16 = (at: number, absent: number) => details?.int16(at, absent) ?? absent;
  const int32 = (at: number, absent: number) => details?.int32(at, absent) ?? absent;
  switch (name) {
    case 'Null':
      return { kind: 'null' };
    case 'Bool':
      return { kind: 'bool' };
    case 'Int':
      return readInt(details, shownName);
    case 'FloatingPoint':
      return { kind: 'float', bits: pick(floatBits, int16(0, 0), shownName) };
    case 'Decimal':
      return readDecimal(int32(0, 0), int32(1, 0), int32(2, 128), shownName);
    case 'Utf8':
      return { kind: 'utf8' };
    case 'LargeUtf8':
      return { kind: 'utf8', wire: 'large' };
    case 'Utf8View':
      return { kind: 'utf8', wire: 'view' };
    case 'Binary':
      return { kind: 'binary' };
    case 'LargeBinary':
      return { kind: 'binary', wire: 'large' };
    case 'BinaryView':
      return { kind: 'binary', wire: 'view' };
    case 'FixedSizeBinary': {
      const width = int32(0, 0);
      if (width >= 0 && width <= maxFixedBytes) return { kind: 'fixed_binary', width };
      throw broken(`column ${shownName} has values of ${width} bytes`);
    }
    case 'Date':
      return { kind: 'date', unit: int16(0, 1) === 0 ? 'day' : 'millisecond' };
    case 'Time':
      return { kind: 'time', unit: pick(timeUnits, int16(0, 1), shownName) };
    case 'Timestamp': {
      const unit = pick(timeUnits, int16(0, 0), shownName);
      const timezone = details?.has(1) ? Buffer.from(details.bytes(1)).toString('utf8', 0, maxTimezoneBytes) : '';
      return timezone === '' ? { kind: 'timestamp', unit } : { kind: 'timestamp', unit, timezone };
    }
    case 'Duration':
      return { kind: 'duration', unit: pick(timeUnits, int16(0, 1), shownName) };
    default:
      throw new Problem(
        'invalid_data',
        `Column ${shownName} is of the type ${name}. A table may have numbers, booleans, text, bytes, dates, times and dictionaries; leave this column out, or write it as text.`,
      );
  }
}

export function readInt(details: FlatTable | undefined, shownName: string): IntType {
  const bits = details?.int32(0) ?? 0;
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64) {
    throw broken(`column ${shownName} has integers of ${bits} bits`);
  }
  return { kind: 'int', bits, signed: details?.uint8(1) === 1 };
}

function readDecimal(precision: number, scale: number, width: number, shownName: string): CarriedType {
  const bits = decimalBits.find((one) => one === width);
  if (bits && precision >= 1 && precision <= maxPrecision && Math.abs(scale) <= maxPrecision) {
    return { kind: 'decimal', bits, precision, scale };
  }
  throw broken(`column ${shownName} has decimals of ${width} bits, ${precision} digits and the scale ${scale}`);
}

function pick<Value>(values: readonly Value[], at: number, shownName: string): Value {
  if (at >= 0 && at < values.length) return values[at];
  throw broken(`the type of column ${shownName} says ${at} where there is none of that number`);
}
