import { type CarriedColumn, type CarriedType, isMissing, type TimeUnit } from '#tensor/carried.ts';

/** Whether the texts of a type are JSON as they stand; others are the contents of strings. */
export function isJsonText({ type, dictionary }: CarriedColumn): boolean {
  if (dictionary) return isJsonText(dictionary);
  return ['json', 'bool', 'int', 'decimal', 'null'].includes(type.kind);
}

/**
 * A function that gives the text of the value at a row; null where it is missing. Dates and times are ISO 8601, instants with a
 * time zone in UTC, binary values base64; floats have the fewest digits that are read back as them.
 */
export function createTextReader(column: CarriedColumn): (row: number) => string | null {
  const read = readerOf(column);
  return (row) => (isMissing(column, row) ? null : read(row));
}

function readerOf({ type, offsets, data, dictionary }: CarriedColumn): (row: number) => string | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const bytesOf = (row: number) =>
    offsets
      ? Buffer.from(data.buffer, data.byteOffset + offsets[row], offsets[row + 1] - offsets[row])
      : Buffer.alloc(0);
  switch (type.kind) {
    case 'utf8':
    case 'json':
      return (row) => bytesOf(row).toString('utf8');
    case 'binary':
      return (row) => bytesOf(row).toString('base64');
    case 'fixed_binary':
      return (row) => Buffer.from(data.subarray(row * type.width, (row + 1) * type.width)).toString('base64');
    case 'bool':
      return (row) => String(((data[row >> 3] >> (row & 7)) & 1) === 1);
    case 'int':
      return (row) => integerAt(view, row, type.bits, type.signed);
    case 'float':
      return (row) => floatAt(view, row, type.bits);
    case 'decimal':
      return (row) => decimalAt(view, row, type);
    case 'date': {
      const milliseconds = type.unit === 'day' ? 86_400_000n : 1n;
      const bits = type.unit === 'day' ? 32 : 64;
      return (row) => instant(BigInt(integerAt(view, row, bits, true)) * milliseconds, 'millisecond').split('T')[0];
    }
    case 'time': {
      const bits = type.unit === 'second' || type.unit === 'millisecond' ? 32 : 64;
      return (row) => instant(BigInt(integerAt(view, row, bits, true)), type.unit).split('T')[1];
    }
    case 'timestamp':
      return (row) => instant(view.getBigInt64(8 * row, true), type.unit) + (type.timezone === undefined ? '' : 'Z');
    case 'duration':
      return (row) => duration(view.getBigInt64(8 * row, true), type.unit);
    case 'dictionary': {
      const read = dictionary && createTextReader(dictionary);
      const { bits, signed } = type.index;
      return (row) => read?.(Number(integerAt(view, row, bits, signed))) ?? null;
    }
    case 'null':
      return () => null;
  }
}

function integerAt(view: DataView, row: number, bits: number, signed: boolean): string {
  if (bits === 8) return String(signed ? view.getInt8(row) : view.getUint8(row));
  if (bits === 16) return String(signed ? view.getInt16(2 * row, true) : view.getUint16(2 * row, true));
  if (bits === 32) return String(signed ? view.getInt32(4 * row, true) : view.getUint32(4 * row, true));
  return String(signed ? view.getBigInt64(8 * row, true) : view.getBigUint64(8 * row, true));
}

function floatAt(view: DataView, row: number, bits: 16 | 32 | 64): string {
  if (bits === 64) return String(view.getFloat64(8 * row, true));
  if (bits === 32) return shortest(view.getFloat32(4 * row, true), Math.fround);
  return shortest(view.getFloat16(2 * row, true), Math.f16round);
}

/** Digits that tell all numbers of float32 apart. */
const maxSingleDigits = 9;

function shortest(value: number, round: (value: number) => number): string {
  for (let digits = 1; digits < maxSingleDigits; digits++) {
    const short = Number(value.toPrecision(digits));
    if (round(short) === value) return String(short);
  }
  return String(value);
}

function decimalAt(view: DataView, row: number, { bits, scale }: CarriedType & { kind: 'decimal' }): string {
  let value = 0n;
  for (let word = bits / 32 - 1; word >= 0; word--) {
    value = (value << 32n) | BigInt(view.getUint32((row * bits) / 8 + 4 * word, true));
  }
  const signed = BigInt.asIntN(bits, value);
  const digits = String(signed < 0n ? -signed : signed);
  const sign = signed < 0n ? '-' : '';
  if (scale <= 0) return sign + digits + (signed === 0n ? '' : '0'.repeat(-scale));
  const padded = digits.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

const perSecond: Record<TimeUnit, bigint> = {
  second: 1n,
  millisecond: 1_000n,
  microsecond: 1_000_000n,
  nanosecond: 1_000_000_000n,
};

/** Milliseconds from 1970 that JavaScript has a date for. */
const maxMilliseconds = 8_640_000_000_000_000n;

/** An instant as `2026-01-31T12:00:00`, with a fraction where it has one; the plain number beyond JavaScript's dates. */
function instant(value: bigint, unit: TimeUnit): string {
  const [seconds, rest] = secondsOf(value, unit);
  const milliseconds = seconds * 1000n;
  if (milliseconds > maxMilliseconds || milliseconds < -maxMilliseconds) return String(value);
  return new Date(Number(milliseconds)).toISOString().slice(0, -5) + fraction(rest, unit);
}

function duration(value: bigint, unit: TimeUnit): string {
  const [seconds, rest] = secondsOf(value < 0n ? -value : value, unit);
  return `${value < 0n ? '-' : ''}PT${seconds}${fraction(rest, unit)}S`;
}

function secondsOf(value: bigint, unit: TimeUnit): [seconds: bigint, rest: bigint] {
  const per = perSecond[unit];
  const rest = ((value % per) + per) % per;
  return [(value - rest) / per, rest];
}

function fraction(rest: bigint, unit: TimeUnit): string {
  if (rest === 0n) return '';
  const digits = String(perSecond[unit]).length - 1;
  return `.${String(rest).padStart(digits, '0')}`;
}
