import { copyBits, countBits } from './bits.ts';

export type TimeUnit = 'second' | 'millisecond' | 'microsecond' | 'nanosecond';

export interface IntType {
  kind: 'int';
  bits: 8 | 16 | 32 | 64;
  signed: boolean;
}

/**
 * What the values of a carried column are. Numbers are little-endian, as Arrow has them.
 *
 * `utf8` and `binary` have offsets; `wire` is how a format had them, where that was not with 32-bit offsets. `json` holds the
 * texts of JSON values, for formats whose cells have any type. `bool` is one bit a row. `date` counts days in 4 bytes, or
 * milliseconds in 8; `time` is 4 bytes in seconds and milliseconds, else 8; `timestamp` and `duration` are 8. `dictionary`
 * has the indexes as its data.
 */
export type CarriedType =
  | { kind: 'null' }
  | { kind: 'utf8'; wire?: 'large' | 'view' }
  | { kind: 'json' }
  | { kind: 'binary'; wire?: 'large' | 'view' }
  | { kind: 'fixed_binary'; width: number }
  | { kind: 'bool' }
  | IntType
  | { kind: 'float'; bits: 16 | 32 | 64 }
  | { kind: 'decimal'; bits: 32 | 64 | 128 | 256; precision: number; scale: number }
  | { kind: 'date'; unit: 'day' | 'millisecond' }
  | { kind: 'time'; unit: TimeUnit }
  | { kind: 'timestamp'; unit: TimeUnit; timezone?: string }
  | { kind: 'duration'; unit: TimeUnit }
  | { kind: 'dictionary'; index: IntType; ordered: boolean };

/**
 * A column that is passed through, in Arrow's layout: what is missing is a bit, and values follow each other without gaps.
 * All arrays begin with the first row.
 */
export interface CarriedColumn {
  type: CarriedType;
  length: number;
  /** One bit a row, least significant first: 1 where there is a value. Absent where none is missing. */
  validity?: Uint8Array;
  /** Where each value begins in `data`, and where the last one ends: length + 1 numbers, the first of them 0. */
  offsets?: Int32Array;
  /** Empty for the type `null`. Where a value is missing, its bytes may be anything. */
  data: Uint8Array;
  /** The values that the indexes of a dictionary point to. */
  dictionary?: CarriedColumn;
}

/** Bytes of one value; undefined where values have offsets, are bits, or are nothing at all. */
export function fixedWidth(type: CarriedType): number | undefined {
  switch (type.kind) {
    case 'fixed_binary':
      return type.width;
    case 'int':
    case 'float':
    case 'decimal':
      return type.bits / 8;
    case 'date':
      return type.unit === 'day' ? 4 : 8;
    case 'time':
      return type.unit === 'second' || type.unit === 'millisecond' ? 4 : 8;
    case 'timestamp':
    case 'duration':
      return 8;
    case 'dictionary':
      return type.index.bits / 8;
    case 'null':
    case 'utf8':
    case 'json':
    case 'binary':
    case 'bool':
      return undefined;
  }
}

export function isMissing({ type, validity }: CarriedColumn, row: number): boolean {
  if (type.kind === 'null') return true;
  return validity !== undefined && ((validity[row >> 3] >> (row & 7)) & 1) === 0;
}

/** Rows without a value. */
export function countMissing({ type, length, validity }: CarriedColumn): number {
  if (type.kind === 'null') return length;
  return validity ? length - countBits(validity, length) : 0;
}

/** The rows `[from, to)`. Values are not copied where they need not be: the result may be a view on the same memory. */
export function sliceCarried(column: CarriedColumn, from: number, to: number): CarriedColumn {
  const { type, length, validity, offsets, data, dictionary } = column;
  if (from === 0 && to === length) return column;
  const slice: CarriedColumn = { type, length: to - from, data, dictionary };
  if (validity) slice.validity = sliceBits(validity, from, to);
  if (offsets) {
    slice.offsets = offsets.slice(from, to + 1);
    const [start] = slice.offsets;
    if (start > 0) for (let row = 0; row < slice.offsets.length; row++) slice.offsets[row] -= start;
    slice.data = data.subarray(start, offsets[to]);
  } else if (type.kind === 'bool') {
    slice.data = sliceBits(data, from, to);
  } else {
    const width = fixedWidth(type) ?? 0;
    slice.data = data.subarray(from * width, to * width);
  }
  return slice;
}

function sliceBits(bits: Uint8Array, from: number, to: number): Uint8Array {
  if (from % 8 === 0) return bits.subarray(from / 8, Math.ceil(to / 8));
  const slice = new Uint8Array(Math.ceil((to - from) / 8));
  copyBits(bits, from, to - from, slice, 0);
  return slice;
}

/** The column in memory of its own: what is a view on a larger buffer, or on a shared one, is copied. */
export function ownCarried(column: CarriedColumn): CarriedColumn {
  const { validity, offsets, data, dictionary } = column;
  return {
    type: column.type,
    length: column.length,
    validity: validity && ownBytes(validity),
    offsets: offsets && ownBytes(offsets),
    data: ownBytes(data),
    dictionary: dictionary && ownCarried(dictionary),
  };
}

function ownBytes<Bytes extends Uint8Array | Int32Array>(bytes: Bytes): Bytes {
  const isOwn = bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength === bytes.byteLength;
  return isOwn ? bytes : (bytes.slice() as Bytes);
}

/**
 * The buffers of columns, each once, for the transfer list of a message to another thread. Dictionaries are not among them: other
 * blocks have the same ones.
 */
export function buffersOfCarried(columns: readonly CarriedColumn[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { validity, offsets, data } of columns) {
    for (const array of [validity, offsets, data]) {
      if (array && array.buffer instanceof ArrayBuffer) buffers.add(array.buffer);
    }
  }
  return [...buffers];
}

/** Bytes that a column takes. */
export function carriedBytes({ validity, offsets, data, dictionary }: CarriedColumn): number {
  const own = (validity?.byteLength ?? 0) + (offsets?.byteLength ?? 0) + data.byteLength;
  return own + (dictionary ? carriedBytes(dictionary) : 0);
}

/** Texts as a column; null is a missing one. */
export function carriedFromTexts(
  texts: readonly (string | null)[],
  type: CarriedType & { kind: 'utf8' | 'json' } = { kind: 'utf8' },
): CarriedColumn {
  const offsets = new Int32Array(texts.length + 1);
  const data = Buffer.from(texts.map((text) => text ?? '').join(''), 'utf8');
  const column: CarriedColumn = { type, length: texts.length, offsets, data: new Uint8Array(data) };
  let end = 0;
  texts.forEach((text, row) => {
    if (text === null) {
      column.validity ??= new Uint8Array(Math.ceil(texts.length / 8)).fill(0xff);
      column.validity[row >> 3] &= ~(1 << (row & 7));
    } else {
      end += Buffer.byteLength(text, 'utf8');
    }
    offsets[row + 1] = end;
  });
  return column;
}
