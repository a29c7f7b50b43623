/** Tables in Arrow and Parquet, through the service and back. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as arrow from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { openArrowStream } from '#formats/arrow/stream-reader.ts';
import { openParquet } from '#formats/parquet/table-reader.ts';
import type { TableField } from '#tables/field.ts';
import { concatCarried } from '#tables/concat-carried.ts';
import { toRowMajor } from '#tables/numbers.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { npyFile } from '../formats/arrays.ts';
import { readRows } from '../formats/arrow/read-rows.ts';
import { randomBytes, sourceOfBytes } from '../formats/byte-source.ts';
import { bytesOfMixed, type ExpectedColumn, mixedTables, numbersFrom, textsOf } from '../formats/mixed-tables.ts';
import { multipartOf } from '../formats/multipart/multiparts.ts';
import { seeded } from '../seeded.ts';
import { type Service, startService } from '../service.ts';

const types = {
  json: 'application/json',
  npy: 'application/x-npy',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  arrow: 'application/vnd.apache.arrow.stream',
  file: 'application/vnd.apache.arrow.file',
  parquet: 'application/vnd.apache.parquet',
};

type Type = keyof typeof types;

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function send(path: string, from: string, body: Uint8Array | string, to: Type): Promise<Response> {
  return fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': from, accept: types[to] },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
}

async function answered(path: string, from: string, body: Uint8Array | string, to: Type): Promise<Buffer> {
  const response = await send(path, from, body, to);
  const answer = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 200, answer.toString('utf8', 0, 400));
  assert.equal(response.headers.get('content-type')?.split(';')[0], types[to]);
  return answer;
}

const limit = 2 ** 28;

interface Read {
  fields: readonly TableField[];
  columns: CarriedColumn[];
}

async function readAnswer(bytes: Uint8Array, as: 'arrow' | 'parquet'): Promise<Read> {
  const parts: CarriedColumn[][] = [];
  const collect = (columns: readonly CarriedColumn[]) =>
    columns.forEach((column, at) => (parts[at] ??= []).push(column));
  let fields: readonly TableField[];
  if (as === 'arrow') {
    const table = await openArrowStream(sourceOfBytes(bytes), limit);
    for await (const { columns } of readRows(table, limit)) collect(columns);
    ({ fields } = table.schema);
  } else {
    const table = await openParquet(randomBytes(bytes), limit);
    for await (const { columns } of table.batches(table.fields.map((_, at) => at))) collect(columns);
    ({ fields } = table);
  }
  return { fields, columns: parts.map((pieces) => concatCarried(pieces)) };
}

/** A column in the range 0 to 1, missing values left out of it. */
function minmax(values: readonly number[]): number[] {
  const there = values.filter((value) => !Number.isNaN(value));
  const [least, most] = [Math.min(...there), Math.max(...there)];
  return values.map((value) => (value - least) / (most - least || 1));
}

function typeOfMixed(format: string, name: string): string {
  if (format === 'parquet') return types.parquet;
  return name.endsWith('.arrows') ? types.arrow : types.file;
}

describe('a table is answered with its own columns, the normalized ones as floats', () => {
  const tables = ['arrow', 'parquet'].flatMap((format) => mixedTables(format));
  for (const { name, format, columns } of tables.filter((table) => !table.name.includes('list'))) {
    const numeric = columns.filter(({ role }) => role === 'numeric').map((column) => column.name);
    const query = new URLSearchParams({ method: 'minmax', nan_policy: 'omit', columns: JSON.stringify(numeric) });
    test(name, async () => {
      for (const to of ['arrow', 'parquet'] as const) {
        const answer = await answered(`/v1/normalize?${query}`, typeOfMixed(format, name), bytesOfMixed(name), to);
        // Parquet has no dates but days.
        const kept = columns.filter(({ type }) => to === 'arrow' || type !== 'date64[ms]');
        const read = await readAnswer(answer, to);
        const isKept = ({ name: own }: { name: string }) => kept.some((column) => column.name === own);
        const places = read.fields.flatMap((field, at) => (isKept(field) ? [at] : []));
        const fields = places.map((at) => read.fields[at]);
        const tolerance = name.includes('half') ? 1e-3 : 1e-6;
        isNormalized(kept, { fields, columns: places.map((at) => read.columns[at]) }, tolerance);
      }
    });
  }
});

function isNormalized(expected: readonly ExpectedColumn[], { fields, columns }: Read, tolerance: number): void {
  assert.deepEqual(
    fields.map((field) => field.name),
    expected.map((column) => column.name),
  );
  expected.forEach(({ name, role, values }, at) => {
    if (role !== 'numeric') {
      assert.deepEqual(textsOf(columns[at]), values, name);
      return;
    }
    assert.equal(fields[at].type.kind, 'float');
    const numbers = new Float64Array(toRowMajor([{ name, column: columns[at] }], 'float64', values.length));
    minmax(numbersFrom(values)).forEach((value, row) => {
      const isNear = Math.abs(numbers[row] - value) <= tolerance || (Number.isNaN(value) && Number.isNaN(numbers[row]));
      assert.ok(isNear, `${name}, row ${row}: ${numbers[row]} for ${value}`);
    });
  });
}

/** A table of several blocks: numbers of many sizes, and text between them. */
const rows = 60_000;
const names = ['a', 'b', 'c', 'd', 'e'];
const random = seeded(4711);
const numbers = names.map((_, column) => Float64Array.from({ length: rows }, () => (random() - 0.5) * 10 ** column));
const tags = Array.from({ length: rows }, (_, row) => `t${(row * row) % 97}`);

function bodyOf(type: Type, order: readonly number[]): Uint8Array | string {
  const cellsOf = (row: number) => [...order.map((at) => numbers[at][row]), tags[row]];
  const columns = [...order.map((at) => names[at]), 'tag'];
  const all = Array.from({ length: rows }, (_, row) => cellsOf(row));
  switch (type) {
    case 'csv':
      return `${[columns, ...all].map((cells) => cells.join(',')).join('\n')}\n`;
    case 'ndjson':
      return all
        .map((cells) => JSON.stringify(Object.fromEntries(cells.map((cell, at) => [columns[at], cell]))))
        .join('\n');
    case 'json':
      return JSON.stringify({ data: { columns, data: all } });
    case 'parquet':
      return new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            ...order.map((at) => ({ name: names[at], data: numbers[at], type: 'DOUBLE' as const, nullable: false })),
            { name: 'tag', data: tags, type: 'STRING' as const },
          ],
          rowGroupSize: 25_000,
        }),
      );
    case 'npy':
      return npyFile(
        'float64',
        [rows, order.length],
        all.flatMap((cells) => cells.slice(0, -1) as number[]),
      );
    case 'arrow':
    case 'file': {
      const vectors = order.map((at) => [names[at], arrow.makeVector(numbers[at])] as const);
      const dictionary = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
      const table = new arrow.Table({
        ...Object.fromEntries(vectors),
        tag: arrow.vectorFromArray(tags, dictionary),
      });
      return arrow.tableToIPC(table, type === 'file' ? 'file' : 'stream');
    }
  }
}

const inOrder = [0, 1, 2, 3, 4];
const permuted = [3, 0, 4, 2, 1];

describe('a table of several blocks', () => {
  test('gives the same bits in whatever format it comes', async () => {
    const path = '/v1/normalize?method=zscore';
    const expected = await answered(path, types.npy, bodyOf('npy', inOrder), 'npy');
    for (const type of ['csv', 'ndjson', 'json', 'arrow', 'file', 'parquet'] as const) {
      const body = bodyOf(type, inOrder);
      const query = type === 'json' ? '/v1/normalize' : path;
      const sent =
        type === 'json' ? JSON.stringify({ normalizer: { method: 'zscore' }, ...JSON.parse(body as string) }) : body;
      assert.ok((await answered(query, types[type], sent, 'npy')).equals(expected), type);
    }
  });

  test('finds its columns by name, and keeps its order and its text', async () => {
    const fit = await fetch(`${service.url}/v1/fit?method=minmax`, {
      method: 'POST',
      headers: { 'content-type': types.arrow },
      body: new Uint8Array(bodyOf('arrow', inOrder) as Uint8Array),
    });
    const { fitted } = (await fit.json()) as { fitted: { input: { columns: string[]; passed_through: string[] } } };
    assert.deepEqual(fitted.input.columns, names);
    assert.deepEqual(fitted.input.passed_through, ['tag']);
    const expected = await answered('/v1/normalize?method=minmax', types.npy, bodyOf('npy', inOrder), 'npy');
    const whole = new Float64Array(new Uint8Array(expected.subarray(expected.length - 8 * rows * names.length)).buffer);
    const boundary = 'ein-strich';
    for (const from of ['arrow', 'file', 'parquet'] as const) {
      const body = multipartOf(boundary, {
        request: JSON.stringify({ fitted }),
        data: { type: types[from], content: Buffer.from(bodyOf(from, permuted) as Uint8Array) },
      });
      const type = `multipart/form-data; boundary=${boundary}`;
      for (const to of ['arrow', 'parquet'] as const) {
        const { fields, columns } = await readAnswer(await answered('/v1/transform', type, body, to), to);
        assert.deepEqual(
          fields.map(({ name }) => name),
          [...permuted.map((at) => names[at]), 'tag'],
        );
        permuted.forEach((at, place) => {
          const values = new Float64Array(toRowMajor([{ name: '', column: columns[place] }], 'float64', rows));
          assert.deepEqual(
            values,
            Float64Array.from({ length: rows }, (_, row) => whole[row * names.length + at]),
          );
        });
        assert.deepEqual(textsOf(columns[5]), tags);
      }
      const csv = (await answered('/v1/transform', type, body, 'csv')).toString().trimEnd().split('\n');
      assert.deepEqual(
        csv.slice(1).map((line) => line.split(',').at(-1)),
        tags,
      );
    }
  });

  test('is read by others in its answer', async () => {
    const from = bodyOf('arrow', inOrder);
    const path = '/v1/normalize?method=minmax';
    const stream = arrow.tableFromIPC(await answered(path, types.arrow, from, 'arrow'));
    assert.equal(stream.numRows, rows);
    assert.equal(String(stream.get(rows - 1)?.tag), tags[rows - 1]);
    const file = new Uint8Array(await answered(path, types.arrow, from, 'parquet'));
    const objects = await parquetReadObjects({ file: file.buffer });
    assert.equal(objects.length, rows);
    assert.deepEqual(
      objects.map(({ tag }) => tag),
      tags,
    );
    assert.deepEqual(
      objects.map(({ c }) => c as number),
      Array.from(stream.getChild('c') ?? []),
    );
  });
});

test('an array is a Parquet table under the names of its places, and one of three axes is none', async () => {
  const path = '/v1/normalize?method=minmax';
  const file = await answered(path, types.npy, npyFile('float64', [3, 2], [0, 8, 1, 6, 2, 4]), 'parquet');
  assert.deepEqual(await parquetReadObjects({ file: new Uint8Array(file).buffer }), [
    { 0: 0, 1: 1 },
    { 0: 0.5, 1: 0.5 },
    { 0: 1, 1: 0 },
  ]);
  const refused = await send(path, types.npy, npyFile('float64', [1, 2, 1], [0, 1]), 'parquet');
  assert.equal(refused.status, 422);
});

test('text of JSON is text in Arrow and Parquet, and null is missing', async () => {
  const body = '{"x":1,"city":"Zürich","more":{"a":[1.10]}}\n{"x":3,"city":null,"more":"2"}\n';
  for (const to of ['arrow', 'parquet'] as const) {
    const answer = await answered('/v1/normalize?method=minmax', types.ndjson, body, to);
    const { columns } = await readAnswer(answer, to);
    assert.deepEqual(columns.slice(1).map(textsOf), [
      ['Zürich', null],
      ['{"a":[1.10]}', '2'],
    ]);
  }
});

test('an index of pandas passes through, with the warning', async () => {
  const numeric = JSON.stringify(['height']);
  const answer = await answered(
    `/v1/normalize?method=minmax&nan_policy=omit&columns=${encodeURIComponent(numeric)}&include=fitted`,
    types.parquet,
    bytesOfMixed('pandas.parquet'),
    'json',
  );
  const { fitted, warnings } = JSON.parse(answer.toString());
  const table = mixedTables('parquet').find(({ name }) => name === 'pandas.parquet');
  const indexes = table?.columns.filter(({ role }) => role === 'index').map(({ name }) => name) ?? [];
  assert.ok(indexes.length > 0);
  for (const index of indexes) {
    assert.ok(!fitted.input.columns.includes(index), index);
    assert.ok(fitted.input.passed_through.includes(index), index);
  }
  assert.ok(warnings.some(({ code }: { code: string }) => code === 'passed_through'));
});

describe('a broken file is the client’s fault, and the service goes on', () => {
  for (const [format, name] of [
    ['arrow', 'pyarrow.arrows'],
    ['arrow', 'pyarrow-zstd.arrow'],
    ['parquet', 'pyarrow-snappy.parquet'],
  ]) {
    test(name, async () => {
      const whole = bytesOfMixed(name);
      const path = '/v1/normalize?method=minmax&nan_policy=omit&columns=small&include=data';
      for (let at = 1; at < 20; at++) {
        const cut = whole.slice(0, Math.floor((whole.length * at) / 20));
        const response = await send(path, typeOfMixed(format, name), cut, 'csv');
        const problem = (await response.json()) as { code: string };
        assert.equal(response.status, 400, problem.code);
        assert.equal(problem.code, 'broken_body');
      }
      const random = seeded(whole.length);
      for (let copy = 0; copy < 60; copy++) {
        const bytes = whole.slice();
        for (let change = 0; change < 3; change++)
          bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        const response = await send(path, typeOfMixed(format, name), bytes, 'parquet');
        const answer = Buffer.from(await response.arrayBuffer());
        assert.ok(response.status < 500, `${copy}: ${answer.toString('utf8', 0, 400)}`);
      }
      await answered(path, typeOfMixed(format, name), whole, 'csv');
    });
  }
});
