/** The same data as JSON, npy, Arrow and CSV: the same bits of every answer, whatever comes and goes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeVector, Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { seeded } from '../seeded.ts';
import { type Answer, type Service, startService } from '../service.ts';
import { columnarBatch } from '#formats/arrow/encode-record-batch.ts';
import { schemaMessage } from '#formats/arrow/encode-messages.ts';
import { readArrow } from '../../src/formats/arrow/read.ts';
import { npyOf, readNpy } from './arrays.ts';
import { readWith } from './read-format.ts';

const types = {
  npy: 'application/x-npy',
  arrow: 'application/vnd.apache.arrow.stream',
  csv: 'text/csv',
} as const;

type Binary = keyof typeof types;

const fewColumns = 100;

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

interface Rows {
  values: Float64Array;
  shape: [number, number];
}

/** By our own writer where columns are many: apache-arrow takes a minute for 40,000 of them. */
function arrowOf({ values, shape: [rows, columns] }: Rows): Uint8Array {
  const names = Array.from({ length: columns }, (_, column) => `c${column}`);
  if (columns > fewColumns) {
    const schema = schemaMessage({ names, dtype: 'float64' });
    return new Uint8Array(Buffer.concat([schema, columnarBatch(Float64Array.from(values), 'float64', columns)]));
  }
  const columnOf = (column: number) => Float64Array.from({ length: rows }, (_, row) => values[row * columns + column]);
  return tableToIPC(new Table(Object.fromEntries(names.map((name, at) => [name, makeVector(columnOf(at))]))), 'stream');
}

function csvOf({ values, shape: [rows, columns] }: Rows): Uint8Array {
  const lines = Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns).join(','));
  return new Uint8Array(Buffer.from(`${lines.join('\n')}\n`));
}

type Bodies = Record<Binary, Uint8Array>;

function bodiesOf(rows: Rows): Bodies {
  return { npy: npyOf(rows.values, rows.shape), arrow: arrowOf(rows), csv: csvOf(rows) };
}

async function send(path: string, bodies: Bodies, from: Binary, to?: Binary): Promise<Answer> {
  const answer = await service.post(path, bodies[from], {
    'content-type': types[from],
    'accept-encoding': 'identity',
    ...(to && { accept: types[to] }),
  });
  assert.equal(answer.status, 200, answer.body.detail);
  if (to) assert.equal(answer.headers.get('content-type'), types[to]);
  return answer;
}

/** Row-major values of an answer, read by NumPy's description, by apache-arrow, or by Number. */
async function valuesOf(body: Uint8Array, format: Binary): Promise<Float64Array> {
  if (format === 'npy') return new Float64Array(Uint8Array.from(readNpy(body).data).buffer);
  if (format === 'csv') {
    const lines = Buffer.from(body).toString().trimEnd();
    const cells = (lines.startsWith('c0') ? lines.slice(lines.indexOf('\n') + 1) : lines).split(/[,\n]/);
    return Float64Array.from(cells, (cell) => Number(cell.replace('inf', 'Infinity')));
  }
  const { shape, values } = await readWith(readArrow, body);
  if (shape[1] > fewColumns) return Float64Array.from(values);
  const table = tableFromIPC(body);
  const columns = table.schema.fields.map((_, at) => table.getChildAt(at)?.toArray() as Float64Array);
  return Float64Array.from({ length: values.length }, (_, at) => columns[at % shape[1]][Math.floor(at / shape[1])]);
}

/** By their bits, and without a picture of half a million differences. */
function assertSame(actual: Float64Array, expected: Float64Array, message: string): void {
  const same = Buffer.from(actual.buffer).equals(Buffer.from(expected.buffer));
  assert.ok(same, `${message}: ${actual.length} values, not the same as ${expected.length}`);
}

function randomRows(rows: number, columns: number): Rows {
  const random = seeded(rows * columns);
  // Few digits, so that writing and reading text takes no longer than the rest.
  const values = Float64Array.from({ length: rows * columns }, () => Math.round((random() - 0.3) * 1e5) / 1e3 + 0);
  return { values, shape: [rows, columns] };
}

/** A few values, more than a block, and what is more than what is read whole in a few rows or one column. */
const sizes = [
  [5, 3],
  [1, 1],
  [38_000, 7],
  [3, 12_000],
  [263_000, 1],
] as const satisfies [number, number][];

const calls = [
  '/v1/fit?method=zscore',
  '/v1/fit?method=minmax&axis=null',
  '/v1/normalize?method=norm&include=fitted',
  '/v1/normalize?method=norm&include=data,statistics',
  '/v1/normalize?method=norm&columns=0&include=fitted',
  '/v1/normalize?method=robust&include=fitted',
  '/v1/normalize?method=affine&mean=1&std=2&include=fitted,statistics',
  '/v1/normalize?method=affine&axis=-1&rescale=2&include=fitted',
  '/v1/describe',
  `/v1/describe?statistics=${encodeURIComponent('{"axis":0,"histogram":{"bins":4,"range":[0,50]}}')}`,
  `/v1/describe?statistics=${encodeURIComponent('{"quantiles":[0.1,0.5]}')}`,
];

describe('the same data', () => {
  for (const [rowCount, columnCount] of sizes) {
    const shape = `${rowCount} × ${columnCount}`;
    test(`of shape ${shape} give the same JSON as npy and CSV, and with names as Arrow and CSV`, async () => {
      const rows = bodiesOf(randomRows(rowCount, columnCount));
      const names = Array.from({ length: columnCount }, (_, column) => `c${column}`);
      const named = { ...rows, csv: new Uint8Array(Buffer.concat([Buffer.from(`${names.join(',')}\n`), rows.csv])) };
      for (const path of calls) {
        for (const [bodies, one, other] of [
          [rows, 'npy', 'csv'],
          [named, 'arrow', 'csv'],
        ] as const) {
          const expected = await send(path, bodies, one);
          const { body } = await send(path, bodies, other);
          assert.ok(JSON.stringify(body) === JSON.stringify(expected.body), `${path} from ${one} and ${other}`);
        }
      }
    });

    test(`of shape ${shape} give the same bits in whatever format they come and go`, async () => {
      const rows = bodiesOf(randomRows(rowCount, columnCount));
      for (const path of [
        '/v1/normalize?method=zscore',
        '/v1/normalize?method=norm',
        '/v1/normalize?method=affine&std=3',
      ]) {
        const expected = await valuesOf((await send(path, rows, 'npy', 'npy')).body, 'npy');
        for (const [from, to] of [
          ['csv', 'npy'],
          ['npy', 'csv'],
          ['arrow', 'csv'],
          ['arrow', 'arrow'],
        ] as const) {
          const { body } = await send(path, rows, from, to);
          assertSame(await valuesOf(body, to), expected, `${path} from ${from} to ${to}`);
        }
      }
    });
  }

  test('as nested lists, npy, Arrow and CSV are transformed and taken back to the same bits', async () => {
    const cell = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 });
    const tables = fc
      .integer({ min: 1, max: 4 })
      .chain((columns) =>
        fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 2, maxLength: 6 }),
      );
    await fc.assert(
      fc.asyncProperty(tables, async (data) => {
        const rows = bodiesOf({ values: Float64Array.from(data.flat()), shape: [data.length, data[0].length] });
        const { fitted, data: expected } = (
          await service.post('/v1/normalize', { normalizer: { method: 'zscore' }, data })
        ).body;
        const query = `fitted=${encodeURIComponent(JSON.stringify(fitted))}`;
        for (const from of ['npy', 'arrow', 'csv'] as const) {
          for (const to of ['npy', 'arrow', 'csv'] as const) {
            const { body } = await send(`/v1/transform?${query}`, rows, from, to);
            assertSame(await valuesOf(body, to), Float64Array.from(expected.flat()), `from ${from} to ${to}`);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a table', () => {
  const arrow = types.arrow;

  test('in Arrow comes back with its columns by name and order, as floats', async () => {
    const table = new Table({ z: makeVector(Int32Array.of(1, 2, 3)), a: makeVector(Float32Array.of(4, 5, 9)) });
    const request = tableToIPC(table, 'stream');
    const answer = await service.post('/v1/normalize?method=minmax', request, { 'content-type': arrow, accept: arrow });
    const back = tableFromIPC(answer.body);
    assert.deepEqual(
      back.schema.fields.map(({ name, type }) => `${name}: ${type}`),
      ['z: Float64', 'a: Float64'],
    );
    assert.equal(String(back.toArray()), '{"z": 0, "a": 0},{"z": 0.5, "a": 0.2},{"z": 1, "a": 1}');
  });

  test('in Arrow of float32 alone stays float32, and output_dtype chooses another', async () => {
    const request = tableToIPC(new Table({ a: makeVector(Float32Array.of(4, 5, 9)) }), 'stream');
    for (const [query, type] of [
      ['', 'Float32'],
      ['&output_dtype=float16', 'Float16'],
    ]) {
      const headers = { 'content-type': arrow, accept: arrow };
      const answer = await service.post(`/v1/normalize?method=minmax${query}`, request, headers);
      assert.equal(String(tableFromIPC(answer.body).schema.fields[0].type), type);
    }
  });

  test('in CSV keeps its header, and has none when none came', async () => {
    const headers = { 'content-type': 'text/csv', accept: 'text/csv' };
    const post = async (body: string, query = '') =>
      Buffer.from(
        (await service.post(`/v1/normalize?method=minmax${query}`, Buffer.from(body), headers)).body,
      ).toString();
    assert.equal(await post('"a,b",c\r\n1,2\r\n3,6\r\n2,3\r\n'), '"a,b",c\n0,0\n1,1\n0.5,0.25\n');
    assert.equal(await post('1,2\n3,6\n'), '0,0\n1,1\n');
    assert.equal(await post('1,2\n1,2\n3,6\n', '&header=true'), '1,2\n0,0\n1,1\n');
    assert.equal(await post('a\n1\n\n3\nnan\n', '&nan_policy=omit'), 'a\n0\n1\nnan\n');
  });

  test('from CSV has its names in Arrow; from npy they are "0", "1", …', async () => {
    const csv = Buffer.from('first,second\n1,2\n3,6\n');
    const named = await service.post('/v1/normalize?method=minmax', csv, { 'content-type': 'text/csv', accept: arrow });
    assert.equal(String(tableFromIPC(named.body).toArray()), '{"first": 0, "second": 0},{"first": 1, "second": 1}');
    const npy = npyOf(Float64Array.of(1, 2, 3, 6), [2, 2]);
    const numbered = await service.post('/v1/normalize?method=minmax', npy, {
      'content-type': types.npy,
      accept: arrow,
    });
    assert.equal(String(tableFromIPC(numbered.body).toArray()), '{"0": 0, "1": 0},{"0": 1, "1": 1}');
  });

  test('in JSON is read with a fitted normalizer, and data come back as nested lists', async () => {
    const csv = Buffer.from('a,b\n1,2\n3,6\n');
    const { body } = await service.post('/v1/normalize?method=minmax', csv, { 'content-type': 'text/csv' });
    assert.deepEqual(body.data, [
      [0, 0],
      [1, 1],
    ]);
    const columns = ['a', 'b'];
    assert.deepEqual(body.fitted.input, { dtype: 'float64', shape: [null, 2], columns, passed_through: [] });
    assert.deepEqual([body.statistics.input.columns, body.statistics.input.nobs], [columns, 2]);
  });

  test('takes weights, columns and other options in the query', async () => {
    const data = [
      [1, 2],
      [3, 6],
      [7, 7],
    ];
    const normalizer = { method: 'zscore', columns: [1], nan_policy: 'omit' };
    const asJson = await service.post('/v1/fit', { normalizer, data, sample_weight: [1, 2, 0.5] });
    const asCsv = await service.post(
      '/v1/fit?method=zscore&columns=1&nan_policy=omit&sample_weight=1,2,0.5',
      Buffer.from('1,2\n3,6\n7,7\n'),
      { 'content-type': 'text/csv' },
    );
    assert.equal(asCsv.status, 200, JSON.stringify(asCsv.body));
    assert.deepEqual(asCsv.body, asJson.body);
  });

  test('without rows is transformed to one without rows, and cannot be fitted', async () => {
    const fit = await service.post('/v1/fit', {
      normalizer: { method: 'minmax' },
      data: [
        [1, 2],
        [3, 4],
      ],
    });
    const path = `/v1/transform?fitted=${encodeURIComponent(JSON.stringify(fit.body.fitted))}`;
    const csv = await service.post(path, Buffer.from('a,b\n'), { 'content-type': 'text/csv', accept: 'text/csv' });
    assert.equal(Buffer.from(csv.body).toString(), 'a,b\n');
    const inArrow = await service.post(path, Buffer.from('a,b\n'), { 'content-type': 'text/csv', accept: arrow });
    const table = tableFromIPC(inArrow.body);
    assert.deepEqual([table.numRows, table.numCols], [0, 2]);
    const json = await service.post(path, inArrow.body, { 'content-type': arrow });
    assert.deepEqual(json.body.data, []);
    const refused = await service.post('/v1/fit?method=minmax', Buffer.from('a,b\n'), { 'content-type': 'text/csv' });
    assert.deepEqual([refused.status, refused.body.code], [422, 'empty']);
  });

  test('of 10,000 columns is read and written', async () => {
    const rows = bodiesOf(randomRows(40, 10_000));
    const expected = await valuesOf((await send('/v1/normalize?method=minmax', rows, 'npy', 'npy')).body, 'npy');
    for (const format of ['csv', 'arrow'] as const) {
      const { body } = await send('/v1/normalize?method=minmax', rows, format, format);
      assertSame(await valuesOf(body, format), expected, format);
    }
  });

  test('that does not fit the format of the answer is refused before anything is sent', async () => {
    const npy = npyOf(
      new Float64Array(8).map((_, at) => at),
      [2, 2, 2],
    );
    const csv = await service.post('/v1/normalize?method=minmax', npy, {
      'content-type': types.npy,
      accept: 'text/csv',
    });
    assert.deepEqual([csv.status, csv.body.code], [422, 'not_computable']);
    assert.match(csv.body.detail, /rows and columns; for an array of shape \(2, 2, 2\)/);
    const lists = await service.post('/v1/normalize?method=minmax', npy, { 'content-type': types.npy, accept: arrow });
    const table = tableFromIPC(lists.body);
    assert.equal(String(table.schema.fields[0]), 'data: FixedSizeList[2]<FixedSizeList[2]<Float64>>');
    const again = await service.post('/v1/describe', lists.body, { 'content-type': arrow });
    assert.equal(again.body.statistics.nobs, 8);
  });

  test('in Arrow of lists comes back as lists, also of length 1', async () => {
    for (const length of [1, 3]) {
      const npy = npyOf(
        Float32Array.from({ length: 2 * length }, (_, at) => at),
        [2, length, 1],
      );
      const headers = { 'content-type': types.npy, accept: arrow };
      const first = await service.post('/v1/normalize?method=affine', npy, headers);
      const second = await service.post('/v1/normalize?method=affine', first.body, {
        'content-type': arrow,
        accept: arrow,
      });
      assert.deepEqual(second.body, first.body);
      const asCsv = await service.post('/v1/normalize?method=affine&axis=null', first.body, {
        'content-type': arrow,
        accept: 'application/x-npy',
      });
      assert.deepEqual(readNpy(asCsv.body).shape, [2, length, 1]);
    }
  });

  test('header= goes with CSV alone', async () => {
    const { status, body } = await service.post('/v1/fit?header=true', {
      normalizer: { method: 'minmax' },
      data: [1, 2],
    });
    assert.deepEqual([status, body.errors[0].pointer], [400, '/header']);
  });
});
