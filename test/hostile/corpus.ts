import { gzipSync } from 'node:zlib';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { writeNpyHeader } from '#formats/npy/header.ts';

/** A request that asks for much more than it is. */
export interface Hostile {
  name: string;
  path: string;
  headers: Record<string, string>;
  body(): Uint8Array<ArrayBuffer>;
}

const json = 'application/json';
const npy = 'application/x-npy';

const packed = (parts: readonly (string | Uint8Array)[]) =>
  gzipSync(Buffer.concat(parts.map((part) => Buffer.from(part as string))), { level: 1 });

/** Strings in each place of a request, some with a character that makes all of them wide. */
function longStrings(size: number): Hostile[] {
  const places: [string, (text: string) => string][] = [
    ['the method', (text) => `{"normalizer":{"method":"${text}"},"data":[[1]]}`],
    ['an unknown member', (text) => `{"x":"${text}","data":[[1]]}`],
    ['a name', (text) => `{"${text}":1,"data":[[1]]}`],
    ['the data', (text) => `{"normalizer":{"method":"norm"},"data":["${text}"]}`],
    ['base64', (text) => `{"normalizer":{"method":"norm"},"data":{"dtype":"uint8","shape":[9],"base64":"${text}"}}`],
    ['a fitted document', (text) => `{"fitted":{"state":{"version":1,"x":"${text}"}},"data":[[1]]}`],
  ];
  return places.flatMap(([place, around]) =>
    ['', 'é', '中', '😀'].map((character) => ({
      name: `${place} is ${size} letters${character && ` and ${character}`}`,
      path: place === 'a fitted document' ? '/v1/transform' : '/v1/normalize',
      headers: { 'content-type': json, 'content-encoding': 'gzip' },
      body: () => packed([around('x'.repeat(size) + character)]),
    })),
  );
}

const methods = ['minmax', 'zscore', 'maxabs', 'mean_range', 'robust', 'quantile', 'power', 'norm&axis=0'];

/** Two rows of zeros, and ever more columns. */
function wideArrays(exponent: number): Hostile[] {
  const columns = 2 ** exponent;
  const body = () => packed([writeNpyHeader('uint8', [2, columns]), new Uint8Array(2 * columns)]);
  const headers = { 'content-type': npy, 'content-encoding': 'gzip' };
  const fits = methods.map((method) => ({
    name: `fit ${method} of 2^${exponent} columns`,
    headers,
    body,
    path: `/v1/fit?method=${method}&statistics=false`,
  }));
  const answers = [json, npy, 'application/x-npz', 'text/csv'].map((accept) => ({
    name: `normalize 2^${exponent} columns as ${accept}`,
    headers: { ...headers, accept },
    body,
    path: '/v1/normalize?method=minmax',
  }));
  const described = {
    name: `describe 2^${exponent} columns`,
    headers,
    body,
    path: `/v1/describe?statistics=${encodeURIComponent('{"axis":0,"quantiles":[0.1,0.5,0.9]}')}`,
  };
  return [...fits, ...answers, described];
}

function tables(cells: number): Hostile[] {
  const row = (cell: (at: number) => string) => `${Array.from({ length: cells }, (_, at) => cell(at)).join()}\n`;
  const headers = { 'content-type': 'text/csv' };
  return [
    {
      name: `CSV of ${cells} cells a row`,
      path: '/v1/fit?method=minmax',
      headers,
      body: () => Buffer.from(row(() => '1') + row(() => '2')),
    },
    {
      name: `CSV of ${cells} names`,
      path: '/v1/normalize?method=zscore',
      headers,
      body: () => Buffer.from(row((at) => `c${at}`) + row(String) + row(() => '2')),
    },
  ];
}

/** Text that is parsed to many times as much. */
function manyObjects(size: number): Hostile[] {
  const pieces = ['[],', '{},', '{"a":1},', '[[]],', '"",', '0,', 'null,'];
  return pieces.map((piece) => ({
    name: `${size} bytes of ${piece}`,
    path: '/v1/normalize',
    headers: { 'content-type': json, 'content-encoding': 'gzip' },
    body: () => packed([`{"normalizer":{"method":"norm"},"data":[${piece.repeat(size / piece.length)}1]}`]),
  }));
}

/** Small bodies that inflate to very much, of which nothing need be held. */
function bombs(size: number): Hostile[] {
  const headers = { 'content-type': npy, 'content-encoding': 'gzip' };
  const body = () => packed([writeNpyHeader('uint8', [size / 64, 64]), new Uint8Array(size)]);
  return [
    { name: `describe ${size} zeros`, path: '/v1/describe', headers, body },
    { name: `hold ${size} zeros`, path: '/v1/fit?method=robust&axis=null', headers, body },
    { name: `compare ${size} zeros`, path: '/v1/compare', headers, body },
  ];
}

/** Tables of zeros in one batch, or in one page of each column, which are small until they are decoded. */
function columns(rows: number): Hostile[] {
  const names = ['a', 'b', 'c', 'd'];
  const zeros = new Float64Array(rows);
  const arrow = () => packed([tableToIPC(tableFromArrays(Object.fromEntries(names.map((name) => [name, zeros]))))]);
  const parquet = () => {
    const columnData = names.map((name) => ({ name, data: zeros, type: 'DOUBLE' as const }));
    return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: rows, pageSize: 2 ** 30 }));
  };
  return ['/v1/fit?method=minmax', '/v1/normalize?method=zscore'].flatMap((path): Hostile[] => [
    {
      name: `Arrow, ${rows} rows in a batch, ${path}`,
      path,
      headers: { 'content-type': 'application/vnd.apache.arrow.stream', 'content-encoding': 'gzip' },
      body: arrow,
    },
    {
      name: `Parquet, ${rows} rows in a page, ${path}`,
      path,
      headers: { 'content-type': 'application/vnd.apache.parquet' },
      body: parquet,
    },
  ]);
}

/** The kinds of attack that took the service from its clients, in several sizes each. */
export function hostileRequests(isLong: boolean): Hostile[] {
  return [
    ...[1e6, ...(isLong ? [3e7, 1.2e8] : [])].flatMap(longStrings),
    ...[16, 18, 20, ...(isLong ? [17, 19, 22] : [])].flatMap(wideArrays),
    ...[3e5, ...(isLong ? [1e6] : [])].flatMap(tables),
    ...[2e6, ...(isLong ? [2e7, 1.2e8] : [])].flatMap(manyObjects),
    ...[2 ** 24, ...(isLong ? [2 ** 27, 2 ** 30] : [])].flatMap(bombs),
    ...[2 ** 20, 2 ** 22, ...(isLong ? [2 ** 23] : [])].flatMap(columns),
  ];
}
