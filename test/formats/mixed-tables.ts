import { readFileSync } from 'node:fs';
import { type CarriedColumn, fixedWidth, isMissing } from '#tensor/carried.ts';

const folder = new URL('../fixtures/tables/', import.meta.url);

export interface ExpectedColumn {
  name: string;
  role: 'numeric' | 'carried' | 'index';
  /** Arrow's name of the type. */
  type: string;
  values: (string | null)[];
}

export interface MixedTable {
  name: string;
  format: string;
  columns: ExpectedColumn[];
}

const manifest = JSON.parse(readFileSync(new URL('mixed.json', folder), 'utf8')) as {
  files: { name: string; format: string; columns: number[] }[];
  columns: ExpectedColumn[];
};

/** The tables that test/fixtures/tables/mixed.py has recorded in a format. */
export function mixedTables(format: string): MixedTable[] {
  return manifest.files
    .filter((file) => file.format === format)
    .map((file) => ({ name: file.name, format, columns: file.columns.map((at) => manifest.columns[at]) }));
}

export function bytesOfMixed(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`files/${name}`, folder)));
}

/** The values of a column as the manifest has them: instants and durations in microseconds. */
export function textsOf(column: CarriedColumn): (string | null)[] {
  return Array.from({ length: column.length }, (_, row) => (isMissing(column, row) ? null : textAt(column, row)));
}

const perSecond = { second: 1n, millisecond: 10n ** 3n, microsecond: 10n ** 6n, nanosecond: 10n ** 9n };

function textAt({ type, offsets, data, dictionary }: CarriedColumn, row: number): string {
  if (offsets) {
    const bytes = Buffer.from(data.subarray(offsets[row], offsets[row + 1]));
    return bytes.toString(type.kind === 'binary' ? 'hex' : 'utf8');
  }
  if (type.kind === 'bool') return String(((data[row >> 3] >> (row & 7)) & 1) === 1);
  const width = fixedWidth(type) ?? 0;
  const bytes = data.slice(row * width, (row + 1) * width);
  if (type.kind === 'fixed_binary') return Buffer.from(bytes).toString('hex');
  const isSigned = type.kind !== 'int' || type.signed;
  let value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (isSigned) value = BigInt.asIntN(8 * width, value);
  if (type.kind === 'dictionary' && dictionary) return textAt(dictionary, Number(value));
  if (type.kind === 'timestamp' || type.kind === 'duration') value = (value * 10n ** 6n) / perSecond[type.unit];
  return String(value);
}

/** Numbers as the manifest has them. */
export function numbersFrom(texts: readonly (string | null)[]): number[] {
  return texts.map((text) => (text === null ? NaN : Number(text)));
}
