/** What is wrong with a column is told by its name, in every form that a table comes in. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const names = ['age', 'city', 'pay'];
const rows = [
  [1, 'Oslo', 3],
  [2, 'Bern', 3],
  [4, 'Rome', 3],
];

const table = (values: unknown[][]) => ({ columns: names, data: values });

async function refused(normalizer: object, data: unknown, path = '/v1/fit'): Promise<any> {
  const answer = await service.post(path, { normalizer, data });
  assert.ok(answer.status >= 400 && answer.status < 500, JSON.stringify(answer.body));
  return answer.body;
}

describe('an error about a slice of a table names the column', () => {
  const faults: [title: string, normalizer: object, values: unknown[][], detail: RegExp][] = [
    [
      'Box-Cox',
      { method: 'power', power_method: 'box-cox' },
      [
        [1, 'a', -1],
        [2, 'b', 3],
      ],
      /^Column "pay": Box-Cox requires positive values/,
    ],
    ['ddof', { method: 'zscore', ddof: 5 }, rows, /^Column "age": the variance needs more than ddof = 5 values/],
    ['a constant one', { method: 'minmax', on_constant: 'error' }, rows, /^The column "pay" is constant/],
    [
      'one of those that are selected',
      { method: 'minmax', on_constant: 'error', columns: ['pay'] },
      rows,
      /^The column "pay" is constant/,
    ],
    [
      'NaN',
      { method: 'robust' },
      [
        [1, 'a', 2],
        [2, 'b', null],
      ],
      /\[1, "pay"\] is NaN/,
    ],
  ];
  for (const [title, normalizer, values, detail] of faults) {
    test(title, async () => {
      for (const path of ['/v1/fit', '/v1/normalize']) {
        assert.match((await refused(normalizer, table(values), path)).detail, detail);
        const records = values.map((row) => Object.fromEntries(row.map((value, at) => [names[at], value])));
        assert.match((await refused(normalizer, records, path)).detail, detail);
        const options = Object.entries(normalizer).map(([name, value]) => `${name}=${value}`);
        const csv = [names, ...values].map((row) => row.join(',')).join('\n');
        const answer = await service.post(`${path}?${options.join('&')}`, Buffer.from(csv), {
          'content-type': 'text/csv',
        });
        assert.match(answer.body.detail, detail);
      }
    });
  }

  test('where documents are merged', async () => {
    const normalizer = { method: 'minmax', on_constant: 'error' };
    const documents = await Promise.all(
      [rows, rows].map(async (values) => {
        const answer = await service.post('/v1/fit', { normalizer: { method: 'minmax' }, data: table(values) });
        return { ...answer.body.fitted, normalizer: { ...answer.body.fitted.normalizer, ...normalizer } };
      }),
    );
    const { body } = await service.post('/v1/merge', { fitted: documents });
    assert.match(body.detail, /^The column "pay" is constant/);
  });
});

test('a warning about slices of a table is one about columns', async () => {
  const { body } = await service.post('/v1/fit', { normalizer: { method: 'minmax' }, data: table(rows) });
  const warning = body.warnings.find(({ code }: { code: string }) => code === 'constant_slices');
  assert.match(warning.message, /^Some columns are constant.* Columns: "pay"\.$/);
});

describe('a table without columns is empty', () => {
  for (const data of [[{}], [{}, {}], { columns: [], data: [] }, { columns: [], data: [[], []] }]) {
    test(JSON.stringify(data), async () => {
      const body = await refused({ method: 'minmax' }, data);
      assert.deepEqual([body.status, body.code], [422, 'empty']);
      assert.match(body.detail, /no columns/);
    });
  }
});

describe('header= is read as people spell it', () => {
  const csv = Buffer.from('1,2\n3,4\n5,7\n');
  const post = (header: string) =>
    service.post(`/v1/fit?method=minmax&header=${header}`, csv, { 'content-type': 'text/csv' });
  for (const [spellings, columns] of [
    [
      ['true', 'True', 'TRUE', '1', 'T'],
      ['1', '2'],
    ],
    [['false', 'False', 'FALSE', '0', 'F'], undefined],
  ] as const) {
    for (const header of spellings) {
      test(header, async () => assert.deepEqual((await post(header)).body.fitted.input.columns, columns));
    }
  }
  test('and anything else is told', async () => {
    const { status, body } = await post('maybe');
    assert.equal(status, 400);
    assert.match(body.detail, /header is true or false.*"maybe" is neither/);
  });
});

describe('a cell that is no number is told by row and column', () => {
  const post = (data: unknown) => refused({ method: 'minmax' }, data);
  for (const [title, data, pointer] of [
    [
      'split',
      table([
        [1, 'a', 2],
        ['old', 'b', 3],
      ]),
      '/data/data/1/0',
    ],
    ['records', [{ age: 1 }, { age: 'old' }], '/data/1/age'],
  ] as const) {
    test(title, async () => {
      const { detail, errors } = await post(data);
      assert.equal(detail, 'Row 1, column "age": "old" is not a number.');
      assert.equal(errors[0].pointer, pointer);
    });
  }

  test('another form of pandas is told from those that are read', async () => {
    const { detail } = await post({ age: [1, 2], pay: [3, 4] });
    assert.match(detail, /^An object of "age" and "pay" is neither a tensor.*orient="split".*orient="records"/);
  });
});
