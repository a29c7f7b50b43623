import type { CarriedType, TimeUnit } from '#tensor/carried.ts';
import type { Part } from './flatbuffer-writer.ts';

/** The numbers of the union Type. */
const types = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  fixedBinary: 15,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  binaryView: 23,
  utf8View: 24,
} as const;

const precisions = { 16: 0, 32: 1, 64: 2 } as const;

const timeUnits: Record<TimeUnit, number> = { second: 0, millisecond: 1, microsecond: 2, nanosecond: 3 };

/** The number of a type and its table, as they stand in a field of Schema.fbs. */
export function writeType(type: Exclude<CarriedType, { kind: 'dictionary' }>): { number: number; details: Part } {
  switch (type.kind) {
    case 'null':
      return { number: types.null, details: { fields: [] } };
    case 'bool':
      return { number: types.bool, details: { fields: [] } };
    case 'int':
      return { number: types.int, details: { fields: [{ int32: type.bits }, { int8: Number(type.signed) }] } };
    case 'float':
      return { number: types.float, details: { fields: [{ int16: precisions[type.bits] }] } };
    case 'decimal': {
      const { precision, scale, bits } = type;
      return { number: types.decimal, details: { fields: [{ int32: precision }, { int32: scale }, { int32: bits }] } };
    }
    case 'json':
    case 'utf8': {
      const wire = type.kind === 'utf8' ? type.wire : undefined;
      const number = wire === 'large' ? types.largeUtf8 : wire === 'view' ? types.utf8View : types.utf8;
      return { number, details: { fields: [] } };
    }
    case 'binary': {
      const { wire } = type;
      const number = wire === 'large' ? types.largeBinary : wire === 'view' ? types.binaryView : types.binary;
      return { number, details: { fields: [] } };
    }
    case 'fixed_binary':
      return { number: types.fixedBinary, details: { fields: [{ int32: type.width }] } };
    case 'date':
      return { number: types.date, details: { fields: [{ int16: type.unit === 'day' ? 0 : 1 }] } };
    case 'time': {
      const unit = timeUnits[type.unit];
      return { number: types.time, details: { fields: [{ int16: unit }, { int32: unit < 2 ? 32 : 64 }] } };
    }
    case 'timestamp': {
      const timezone = type.timezone === undefined ? undefined : { text: type.timezone };
      return { number: types.timestamp, details: { fields: [{ int16: timeUnits[type.unit] }, timezone] } };
    }
    case 'duration':
      return { number: types.duration, details: { fields: [{ int16: timeUnits[type.unit] }] } };
  }
}
