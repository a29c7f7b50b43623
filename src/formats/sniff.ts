import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Problem } from '#errors.ts';
import { readArray, readArrayHeader } from './array-body.ts';
import { readIdxHeader } from './idx.ts';
import type { FormatReader, ReadContext } from './reader.ts';
import { readBytes } from './stream/byte-reader.ts';
import { pipeThroughInflate } from './stream/decompress.ts';

/** What a file may be, by its first bytes. */
export type FileKind = 'npy' | 'npz' | 'arrow' | 'arrow_file' | 'parquet' | 'json' | 'ndjson' | 'csv';

const gzip = [0x1f, 0x8b];

const magics: [FileKind, readonly number[]][] = [
  ['npy', [0x93, 0x4e, 0x55, 0x4d]],
  ['npz', [0x50, 0x4b, 0x03, 0x04]],
  ['npz', [0x50, 0x4b, 0x05, 0x06]],
  ['arrow', [0xff, 0xff, 0xff, 0xff]],
  ['arrow_file', [...Buffer.from('ARROW1')]],
  ['parquet', [...Buffer.from('PAR1')]],
];

/** What is recognised and never read, and what to send instead. */
const strangers: [string, readonly number[], string][] = [
  ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0], 'save it as CSV'],
  ['an HDF5 file', [0x89, 0x48, 0x44, 0x46], 'save its arrays by numpy.save'],
  ['a pickle', [0x80, 0x02], 'save the array by numpy.save'],
  ['a pickle', [0x80, 0x03], 'save the array by numpy.save'],
  ['a pickle', [0x80, 0x04], 'save the array by numpy.save'],
  ['a pickle', [0x80, 0x05], 'save the array by numpy.save'],
  ['an HTML page', [...Buffer.from('<!')], 'send the table in it as CSV'],
  ['an HTML page', [...Buffer.from('<html')], 'send the table in it as CSV'],
  ['a PDF', [...Buffer.from('%PDF')], 'send the table in it as CSV'],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47], 'send its pixels as npy'],
  ['a JPEG picture', [0xff, 0xd8, 0xff], 'send its pixels as npy'],
  ['compressed by bzip2', [...Buffer.from('BZh')], 'compress by gzip'],
  ['compressed by xz', [0xfd, 0x37, 0x7a, 0x58], 'compress by gzip'],
  ['compressed by zstd', [0x28, 0xb5, 0x2f, 0xfd], 'say so by Content-Encoding: zstd'],
];

const names: Record<FileKind, string> = {
  npy: 'an npy file',
  npz: 'an npz file',
  arrow: 'an Arrow stream',
  arrow_file: 'an Arrow file',
  parquet: 'a Parquet file',
  json: 'JSON',
  ndjson: 'NDJSON',
  csv: 'a CSV',
};

/** Bytes that tell what a file is. */
const sampleBytes = 1024;

/** How a file with such a name is read, where its bytes alone are text. */
const textExtensions: [RegExp, FileKind][] = [
  [/\.(ndjson|jsonl)(\.gz)?$/i, 'ndjson'],
  [/\.json(\.gz)?$/i, 'json'],
  [/\.(csv|tsv|tab)(\.gz)?$/i, 'csv'],
];

/**
 * A reader of files without a useful type: their first bytes, and for text their name, say what they are. gzip of any of them is
 * inflated, whatever the headers say: that is how MNIST ships.
 */
export function createFileReader(readers: Partial<Record<FileKind, FormatReader>>): FormatReader {
  return async (body, reading) => {
    const outer = await peek(body);
    const isZipped = startsWith(outer.sample, gzip);
    const plain = isZipped ? pipeThroughInflate(Readable.from(outer.bytes), createGunzip()) : undefined;
    const { sample, bytes } = plain ? await peek(plain) : outer;
    const declared = isZipped ? Number.NaN : reading.declared;
    if (isIdx(sample)) {
      const reader = readBytes(bytes);
      return readArray(reader, await readArrayHeader(reader, readIdxHeader), reading);
    }
    const kind = kindOf(sample, reading);
    const read = readers[kind];
    if (!read) throw unread(`This is ${names[kind]}`, `send one of ${listKinds(readers)}`);
    return read(bytes, { ...reading, declared });
  };
}

function kindOf(sample: Uint8Array, { fileName = '' }: ReadContext): FileKind {
  const text = Buffer.from(sample.buffer, sample.byteOffset, sample.length).toString('latin1');
  if (text === '') throw new Problem('broken_body', 'The request has no body.');
  const stranger = strangers.find(([, magic]) => startsWith(sample, magic));
  if (stranger) throw unread(`This is ${stranger[0]}`, stranger[2]);
  const found = magics.find(([, magic]) => startsWith(sample, magic))?.[0];
  if (found === 'npz' && /\[Content_Types\]|^PK[^]{28}(xl|_rels|docProps)\//.test(text)) {
    throw unread('This is an Excel workbook', 'save it as CSV');
  }
  if (found) return found;
  const isUtf16 = startsWith(sample, [0xff, 0xfe]) || startsWith(sample, [0xfe, 0xff]);
  if (!isUtf16 && sample.some(isControl)) {
    const kinds = 'npy, npz, Arrow, Parquet, IDX, gzip of these, JSON or CSV';
    throw new Problem('broken_body', `The body has no useful Content-Type, and its first bytes are none of ${kinds}.`);
  }
  const named = textExtensions.find(([extension]) => extension.test(fileName));
  if (named) return named[1];
  const begin = /^(?:\xef\xbb\xbf)?\s*([[{])/.exec(text)?.[1];
  if (begin === undefined) return 'csv';
  return begin === '{' && /^\s*\{[^\n]*\}\s*\n\s*\{/.test(text) ? 'ndjson' : 'json';
}

/** IDX: two zeros, one of its types, and how many lengths follow. */
function isIdx([first, second, type, rank]: Uint8Array): boolean {
  return first === 0 && second === 0 && type >= 0x08 && type <= 0x0e && rank !== undefined;
}

/** Whether text has no such byte: only tabs, line ends and form feeds are below the blank. */
function isControl(byte: number): boolean {
  return byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b);
}

function startsWith(sample: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => sample[at] === byte);
}

function unread(what: string, instead: string): Problem {
  return new Problem('unsupported_media_type', `${what}, which is not read here: ${instead}.`);
}

function listKinds(readers: object): string {
  return Object.keys(readers).join(', ');
}

/** Looks at the first bytes, and gives all of them. */
async function peek(body: AsyncIterable<Uint8Array>) {
  const reader = readBytes(body);
  let sample = new Uint8Array(0);
  await reader.header(
    (bytes) => {
      sample = bytes.slice(0, sampleBytes);
      return bytes.length < sampleBytes ? null : sample;
    },
    () => 0,
  );
  async function* rest(): AsyncGenerator<Uint8Array, void> {
    for (let next = await reader.some(Infinity); next.length > 0; next = await reader.some(Infinity)) yield next;
  }
  return { sample, bytes: rest() };
}
