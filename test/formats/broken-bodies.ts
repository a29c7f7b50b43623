/** Bodies that are broken, one table for all formats: what is wrong, and the body of a `POST /v1/fit?method=zscore`. */
import { gzipSync } from 'node:zlib';
import { npyFile, npyHeader, npyOf } from './arrays.ts';
import { multipartOf } from './multipart/multiparts.ts';
import { type Member, npzOf, zipOf } from './npz/zips.ts';

export interface BrokenBody {
  what: string;
  type: string;
  body: Uint8Array;
  /** 400 when not given. */
  status?: number;
}

const npz = 'application/x-npz';

const data = npyFile('float64', [3, 2], [3, 5, 6, 10, 7, 8]);
const weights = npyFile('float64', [3], [1, 1, 1]);
const member: Member = { name: 'data.npy', content: data };
const zip = zipOf([member]);

function lying(what: string, lie: Partial<Member>, status?: number): BrokenBody {
  return { what: `an npz file with ${what}`, type: npz, body: zipOf([{ ...member, ...lie }]), status };
}

/** The file with these bytes at a place. */
function patched(file: Uint8Array, at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(file);
  copy.set(bytes, at < 0 ? file.length + at : at);
  return copy;
}

/** Zeros that a deflated member holds in a thousandth of their size. */
const zeros = new Uint8Array(64 * 2 ** 20);

const archives: BrokenBody[] = [
  lying('a wrong checksum', { crc: 1 }),
  lying('a wrong checksum behind the data', { crc: 1, descriptor: 'signed' }),
  lying('a wrong checksum in its directory', { listed: { crc: 1 } }),
  lying('another name in its directory', { listed: { name: 'dato.npy' } }),
  lying('another length in its directory', { listed: { size: 1 } }),
  lying('another method in its directory', { listed: { method: 8 } }),
  lying('a length that is too short', { size: data.length - 1, packed: data.length - 1 }),
  lying('a length that is too long', { size: data.length + 1, packed: data.length + 1 }),
  lying('a length of all but 4 GiB', { size: 2 ** 32 - 2, packed: 2 ** 32 - 2 }),
  lying('a length of 8 EiB', { zip64: true, size: 2 ** 63, packed: 2 ** 63 }),
  lying('two lengths of a stored member', { size: data.length + 1 }),
  lying('a wrong length of what is deflated', { deflate: true, size: data.length - 1 }),
  lying('a wrong length of the deflated', { deflate: true, packed: 20 }),
  lying('lengths behind the data that are wrong', { deflate: true, descriptor: 'signed', size: 1 }),
  lying('lengths behind the data that are wrong, and unsigned', { descriptor: 'unsigned', size: 1 }),
  lying('an encrypted member', { flags: 1 }),
  lying('a strongly encrypted member', { flags: 0x41 }),
  lying('a patch', { flags: 32 }),
  lying('a member in bzip2', { method: 12 }),
  lying('a member in zstd', { method: 93 }),
  lying('a member that says to be deflated and is not', { method: 8 }),
  lying('a folder', { name: 'data.npy/' }),
  lying('an empty name', { name: '' }),
  lying('a name of 60 kB', { name: 'x'.repeat(60_000) }),
  lying('no npy in it', { content: Buffer.from('not an array') }),
  lying('nothing in it', { content: Buffer.alloc(0) }),
  lying('an array with bytes behind it', { content: Buffer.concat([data, Buffer.alloc(1)]) }),
  lying('a cut array', { content: data.subarray(0, data.length - 1) }),
  lying('a shape of 10^12 elements', { content: npyHeader('float64', [1e12]) }),
  lying('a shape of 10^12 elements, deflated', { content: npyHeader('float64', [1e12]), deflate: true }),
  lying(
    'a shape of 10^15 elements in Fortran order',
    { content: npyHeader('float64', [1e8, 1e7], { fortran: true }) },
    413,
  ),
  lying('a few elements that inflate to 64 MiB', { content: Buffer.concat([data, zeros]), deflate: true }),
  lying('64 MiB of zeros', { content: zeros, deflate: true }),
  { what: 'an npz file with its data twice', type: npz, body: zipOf([member, member]) },
  { what: 'an npz file that counts a member more', type: npz, body: zipOf([member], { count: 2 }) },
  { what: 'an npz file that counts none', type: npz, body: zipOf([member], { count: 0 }) },
  { what: 'two npz files', type: npz, body: Buffer.concat([zip, zip]) },
  { what: 'an npz file with a byte behind it', type: npz, body: Buffer.concat([zip, Buffer.alloc(1)]) },
  { what: 'an npz file with a comment that is too short', type: npz, body: patched(zip, -2, 5) },
  { what: 'an npz file in an npz file', type: npz, body: zipOf([{ name: 'data.npy', content: zip }]) },
  { what: 'a zip file of no members that says npz', type: npz, body: patched(zipOf([]), 0, 0) },
  { what: 'an npy file that says npz', type: npz, body: data },
  { what: 'weights that are no npy', type: npz, body: npzOf({ sample_weight: Buffer.from('x'), data }) },
  {
    what: 'weights of 2^40',
    type: npz,
    body: npzOf({ sample_weight: npyHeader('float64', [2 ** 40]), data }),
    status: 413,
  },
  {
    what: 'weights that inflate to 64 MiB',
    type: npz,
    body: zipOf([{ name: 'sample_weight.npy', content: Buffer.concat([weights, zeros]), deflate: true }, member]),
  },
];

const boundary = 'b';
const multipart = `multipart/form-data; boundary=${boundary}`;

function parts(what: string, written: Parameters<typeof multipartOf>[1], status?: number): BrokenBody {
  return { what: `a multipart body with ${what}`, type: multipart, body: multipartOf(boundary, written), status };
}

const multiparts: BrokenBody[] = [
  ...archives.slice(0, 3).map(({ what, type, body }) => parts(what, { request: '{}', data: { type, content: body } })),
  parts('a header without a colon', {
    request: { content: '{}', headers: ['nonsense'] },
    data: { type: npz, content: data },
  }),
  parts('an npy file that is cut', {
    request: '{}',
    data: { type: 'application/x-npy', content: data.subarray(0, -1) },
  }),
  parts('JSON that is cut', { request: '{}', data: { type: 'application/json', content: '[[1, 2], [3, 4' } }),
  parts('JSON with something behind it', {
    request: '{}',
    data: { type: 'application/json', content: '[1], "more": 1' },
  }),
  parts('a request nested without end', { request: '{"a":'.repeat(50_000), data: { type: npz, content: zip } }),
  parts('data nested without end', { request: '{}', data: { type: 'application/json', content: '['.repeat(50_000) } }),
  parts('a name of 6 kB', { [`x${'y'.repeat(6000)}`]: '1' }),
  { what: 'a multipart body of line ends', type: multipart, body: Buffer.from('\r\n'.repeat(10_000)) },
  { what: 'a multipart body of boundaries', type: multipart, body: Buffer.from('--b\r\n'.repeat(10_000)) },
];

/** 1 GiB in a megabyte: members of gzip may follow each other. */
export const bomb = Buffer.concat(new Array<Buffer>(1024).fill(gzipSync(Buffer.alloc(2 ** 20, ' '))));

const others: BrokenBody[] = [
  {
    what: 'an octet stream of gzip that inflates to 1 GiB of blanks',
    type: 'application/octet-stream',
    body: bomb,
    status: 413,
  },
  {
    what: 'gzip within gzip',
    type: 'application/octet-stream',
    body: gzipSync(gzipSync(npyOf(zeros, [zeros.length]))),
  },
  { what: 'gzip that is cut', type: 'application/octet-stream', body: gzipSync(data).subarray(0, 40) },
];

export const brokenBodies: readonly BrokenBody[] = [...archives, ...multiparts, ...others];
