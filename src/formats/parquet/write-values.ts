import type { DecodedArray } from 'hyparquet';
import { type CarriedColumn, countMissing, fixedWidth, isMissing } from '#tensor/carried.ts';
import { readIndexes } from '#tables/numbers.ts';
import { type TypedArray, viewAs } from '#tables/typed-arrays.ts';

const millisPerDay = 86400000n;

/** The values of a column as hyparquet-writer takes them: undefined where one is missing, texts as their bytes. */
export function valuesToWrite(column: CarriedColumn): DecodedArray {
  const { type, length } = column;
  if (type.kind === 'float' && type.bits !== 16 && countMissing(column) === 0) {
    return viewAs(`float${type.bits}`, column.data, length);
  }
  const valueAt = valuesOf(column);
  return Array.from({ length }, (_, row) => (isMissing(column, row) ? undefined : valueAt(row)));
}

function valuesOf(column: CarriedColumn): (row: number) => unknown {
  const { type, length, data, offsets, dictionary } = column;
  if (type.kind === 'dictionary') {
    if (!dictionary) return () => undefined;
    const known = valuesToWrite(dictionary);
    const indexes = readIndexes(type, data, length);
    return (row) => known[indexes[row]];
  }
  if (type.kind === 'null') return () => undefined;
  if (offsets) return (row) => data.subarray(offsets[row], offsets[row + 1]);
  const width = fixedWidth(type) ?? 0;
  if (type.kind === 'bool') return (row) => ((data[row >> 3] >> (row & 7)) & 1) === 1;
  if (type.kind === 'fixed_binary') return (row) => data.subarray(row * width, (row + 1) * width);
  if (type.kind === 'decimal') {
    return (row) => BigInt.asIntN(8 * width, joinBytes(data.subarray(row * width, (row + 1) * width)));
  }
  const values = numbersOf(column, width);
  if (type.kind === 'date' && type.unit === 'millisecond') {
    return (row) => Number(BigInt(values[row]) / millisPerDay);
  }
  if (type.kind === 'timestamp' && type.unit === 'second') return (row) => BigInt(values[row]) * 1000n;
  if (type.kind === 'time' && type.unit === 'second') return (row) => Number(values[row]) * 1000;
  return (row) => values[row];
}

function numbersOf({ type, data, length }: CarriedColumn, width: number): TypedArray {
  if (type.kind === 'float') return viewAs(`float${type.bits}`, data, length);
  if (type.kind === 'int') return viewAs(`${type.signed ? '' : 'u'}int${type.bits}`, data, length);
  return viewAs(width === 4 ? 'int32' : 'int64', data, length);
}

/** Little-endian bytes as a number. */
function joinBytes(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
