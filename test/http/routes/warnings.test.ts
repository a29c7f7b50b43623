/** Each warning with data that call for it, and with data that just do not. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../service.ts';

interface Warning {
  code: string;
  message: string;
  count?: number;
  slices?: (number | number[])[];
}

type Normalizer = Record<string, unknown>;

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function warningsOf(body: Record<string, unknown>, path = '/v1/normalize'): Promise<Warning[]> {
  const answer = await service.post(path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.warnings;
}

async function told(code: string, body: Record<string, unknown>, path?: string): Promise<Warning | undefined> {
  const found = (await warningsOf(body, path)).filter((warning) => warning.code === code);
  assert.ok(found.length <= 1, `${code} is told ${found.length} times`);
  if (found.length === 1) assert.ok(found[0].message.length > 20);
  return found[0];
}

function column(values: readonly number[], dtype = 'float64') {
  return { dtype, shape: [values.length, 1], data: values };
}

const repeated = (count: number, value: number) => new Array<number>(count).fill(value);

const said = (is: boolean) => (is ? 'told' : 'not told');

describe('depends_on_batch_size', () => {
  const cases: [data: string, normalizer: Normalizer, expected: boolean][] = [
    ['[[3,5],[6,10]]', { method: 'norm', axis: 0 }, true],
    ['[[3,5],[6,10]]', { method: 'norm', axis: null }, true],
    ['[[3,5],[6,10]]', { method: 'norm', axis: [0, 1] }, true],
    ['[[3,5],[6,10]]', { method: 'norm', axis: -2 }, true],
    ['[[3,5],[6,10]]', { method: 'norm' }, false],
    ['[3,5]', { method: 'norm' }, false],
    ['[3,5]', { method: 'norm', axis: 0 }, false],
    ['[[3,5],[6,10]]', { method: 'minmax', axis: 0 }, false],
  ];
  for (const [data, normalizer, expected] of cases) {
    test(`${JSON.stringify(normalizer)} of ${data}: ${said(expected)}`, async () => {
      for (const path of ['/v1/normalize', '/v1/fit']) {
        for (const statistics of [true, false]) {
          const warning = await told('depends_on_batch_size', { normalizer, data: JSON.parse(data), statistics }, path);
          assert.equal(warning !== undefined, expected, `${path}, statistics ${statistics}`);
        }
      }
    });
  }
});

describe('constant_slices', () => {
  const cases: [what: string, data: string, normalizer: Normalizer, slices?: string][] = [
    ['one column of two', '[[1,2],[1,3]]', { method: 'minmax' }, '[0]'],
    ['no column', '[[1,2],[2,3]]', { method: 'minmax' }],
    ['tiny units', '[[1e-17],[2e-17]]', { method: 'minmax' }],
    ['tiny units under zscore', '[[1e-17],[2e-17]]', { method: 'zscore' }],
    ['0.1 three times, whose mean is not 0.1', '[[0.1],[0.1],[0.1]]', { method: 'zscore' }, '[0]'],
    ['what zscore does not scale', '[[1],[1]]', { method: 'zscore', with_std: false }],
    ['slices along two axes', '[[[1,2],[3,4]],[[1,5],[3,4]]]', { method: 'minmax' }, '[[0,0],[1,0],[1,1]]'],
    ['a sample of zeros', '[[1,2],[0,0]]', { method: 'norm' }, '[1]'],
    ['columns that were chosen', '[[1,7,2],[1,7,3]]', { method: 'minmax', columns: [2, 1] }, '[1]'],
    ['what is left without NaN', '[[1,2],[null,3]]', { method: 'minmax', nan_policy: 'omit' }, '[0]'],
  ];
  for (const [what, data, normalizer, slices] of cases) {
    test(`${what}: ${slices ?? 'not told'}`, async () => {
      const expected = slices && JSON.parse(slices);
      for (const path of ['/v1/normalize', '/v1/fit']) {
        const warning = await told('constant_slices', { normalizer, data: JSON.parse(data), statistics: false }, path);
        assert.deepEqual(warning?.slices, expected);
        assert.equal(warning?.count, expected?.length);
      }
    });
  }

  test('counts all of many and names some', async () => {
    const data = { dtype: 'int8', shape: [2, 3000], data: repeated(6000, 1) };
    const warning = await told('constant_slices', { normalizer: { method: 'minmax' }, data });
    assert.equal(warning?.count, 3000);
    assert.ok(warning.slices && warning.slices.length < 100);
  });
});

describe('outliers_dominate', () => {
  const evenly = Array.from({ length: 101 }, (_, at) => at);
  /** 5 % at each end of the range; the other 90 % evenly within a share of it. */
  const within = (share: number) =>
    evenly.map((at) => (at < 5 ? 0 : at > 95 ? 1000 : 500 + ((at - 50) / 45) * 500 * share));
  const cases: [what: string, normalizer: Normalizer, values: number[], expected: boolean][] = [
    ['one value far above', { method: 'minmax' }, [...evenly, 1e4], true],
    ['one value far below', { method: 'minmax' }, [...evenly, -1e4], true],
    ['a middle of 9 % of the range', { method: 'minmax' }, within(0.09), true],
    ['a middle of 11 % of the range', { method: 'minmax' }, within(0.11), false],
    ['even values', { method: 'minmax' }, evenly, false],
    ['constant values', { method: 'minmax' }, repeated(101, 3), false],
    [
      'even values over the whole range of a double',
      { method: 'minmax' },
      evenly.map((at) => (at - 50) * 3e306),
      false,
    ],
    ['one value far above under maxabs', { method: 'maxabs' }, [...evenly, 1e4], true],
    ['even values under maxabs', { method: 'maxabs' }, evenly, false],
    ['one value far above under zscore', { method: 'zscore' }, [...evenly, 1e4], false],
    ['one value far above under a norm', { method: 'norm', axis: 0 }, [...evenly, 1e4], false],
  ];
  for (const [what, normalizer, values, expected] of cases) {
    test(`${what}: ${said(expected)}`, async () => {
      const shuffled = values.map((_, at) => values[(at * 67) % values.length]);
      for (const path of ['/v1/normalize', '/v1/fit']) {
        const warning = await told('outliers_dominate', { normalizer, data: column(shuffled) }, path);
        assert.equal(warning !== undefined, expected, path);
      }
    });
  }

  test('names the slices', async () => {
    const data = evenly.map((at) => [at, at === 3 ? 1e5 : at, -at]);
    assert.deepEqual((await told('outliers_dominate', { normalizer: { method: 'minmax' }, data }))?.slices, [1]);
  });
});

describe('sparsity_destroyed', () => {
  const zeros = repeated(100, 0);
  const cases: [what: string, normalizer: Normalizer, values: number[], expected: boolean][] = [
    ['half of them zeros', { method: 'zscore' }, [0, 0, 5, 7], true],
    ['less than half of them zeros', { method: 'zscore' }, [0, 0, 5, 7, 8], false],
    ['zeros that stay the least value', { method: 'minmax' }, [0, 0, 0, 3], false],
    ['zeros under another range', { method: 'minmax', feature_range: [1, 2] }, [0, 0, 0, 3], true],
    ['1 % of the output zeros', { method: 'minmax' }, [...zeros, ...repeated(98, 5), -1, -1], false],
    ['less than 1 % of the output zeros', { method: 'minmax' }, [...zeros, ...repeated(99, 5), -1], true],
    ['zeros under maxabs', { method: 'maxabs' }, [0, 0, 0, 3], false],
    ['zeros under a norm', { method: 'norm', axis: 0 }, [0, 0, 0, 3], false],
  ];
  for (const [what, normalizer, values, expected] of cases) {
    test(`${what}: ${said(expected)}`, async () => {
      const warning = await told('sparsity_destroyed', { normalizer, data: column(values) });
      assert.equal(warning !== undefined, expected);
    });
  }
});

describe('precision_loss', () => {
  const far = [2 ** 20, 2 ** 20 + 1, 2 ** 20 + 2];
  const halves = [60_032, ...repeated(99, 60_000)];
  const twoColumns = { dtype: 'float32', shape: [3, 2], data: far.flatMap((value, at) => [at, value]) };
  const cases: [what: string, normalizer: Normalizer, data: unknown, expected: boolean][] = [
    ['float32', { method: 'zscore' }, column(far, 'float32'), true],
    ['float16', { method: 'zscore' }, column(halves, 'float16'), true],
    ['the same in float64', { method: 'zscore' }, column(far), false],
    ['the same as integers', { method: 'zscore' }, column(far, 'int32'), false],
    ['the same under minmax', { method: 'minmax' }, column(far, 'float32'), true],
    ['a mean of 9,000 deviations', { method: 'zscore' }, column([8999, 9001], 'float32'), false],
    ['a mean of -11,000 deviations', { method: 'zscore' }, column([-10_999, -11_001], 'float32'), true],
    ['constant values', { method: 'zscore' }, column(repeated(3, 0.1), 'float32'), false],
    ['one column of two', { method: 'zscore' }, twoColumns, true],
  ];
  for (const [what, normalizer, data, expected] of cases) {
    test(`${what}: ${said(expected)}`, async () => {
      for (const path of ['/v1/normalize', '/v1/fit']) {
        assert.equal((await told('precision_loss', { normalizer, data }, path)) !== undefined, expected, path);
      }
    });
  }
});

test('what needs another look at the data comes with the statistics alone', async () => {
  const looked = ['outliers_dominate', 'sparsity_destroyed'];
  const values = Array.from({ length: 400 }, (_, at) => (at === 7 ? 1e6 : at % 3 ? 0 : 1 + (at % 9)));
  const body = { normalizer: { method: 'minmax', feature_range: [1, 2] }, data: column(values) };
  const codes = async (less: object) => {
    const warnings = await warningsOf({ ...body, ...less });
    return warnings
      .map(({ code }) => code)
      .filter((code) => looked.includes(code))
      .sort();
  };
  assert.deepEqual(await codes({}), looked);
  for (const less of [{ statistics: false }, { include: ['data', 'fitted'] }, { include: [] }])
    assert.deepEqual(await codes(less), []);
});
