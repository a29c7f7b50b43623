/** Whitening looks at pairs of columns: tables whose columns come in other orders meet as if they had come in one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { planFor, planRowsFor } from '#engine/joint-methods.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import { seeded } from '../seeded.ts';
import { type Service, startService } from '../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function post(path: string, body: unknown): Promise<any> {
  const answer = await service.post(path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

function tableOf(names: readonly string[], rows: readonly Record<string, number>[]) {
  return { columns: names, data: rows.map((row) => names.map((name) => row[name])) };
}

/** Correlated columns by name. */
function rowsOf(names: readonly string[], count: number, seed: number): Record<string, number>[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => {
    const shared = random();
    return Object.fromEntries(names.map((name, at) => [name, 2 ** at * (random() + shared) + at]));
  });
}

function assertNear(got: unknown, wanted: unknown, what: string): void {
  const [a, b] = [got, wanted].map((one) => (one as number[] | number[][]).flat());
  const largest = Math.max(...b.map(Math.abs));
  assert.equal(a.length, b.length);
  a.forEach((value, at) =>
    assert.ok(Math.abs(value - b[at]) <= 1e-10 * largest, `${what} at ${at}: ${value}, ${b[at]}`),
  );
}

test('parts whose columns come in any order merge to what one fit of all of them gives', async () => {
  const shuffled = fc.integer({ min: 2, max: 6 }).chain((width) => {
    const names = Array.from({ length: width }, (_, at) => `c${at}`);
    const order = fc.shuffledSubarray(names, { minLength: width });
    return fc.record({
      orders: fc.array(order, { minLength: 2, maxLength: 4 }),
      kind: fc.constantFrom('zca', 'pca', 'cholesky'),
      selects: fc.boolean(),
      seed: fc.nat(),
    });
  });
  await fc.assert(
    fc.asyncProperty(shuffled, async ({ orders, kind, selects, seed }) => {
      const [first] = orders;
      const columns = selects ? { columns: [...first].reverse().slice(0, Math.max(2, first.length - 1)) } : {};
      const normalizer = { method: 'whiten', kind, ...columns };
      const parts = orders.map((order, at) => ({ order, rows: rowsOf([...first].sort(), 20 + at, seed + at) }));
      const documents = await Promise.all(
        parts.map(
          async ({ order, rows }) => (await post('/v1/fit', { normalizer, data: tableOf(order, rows) })).fitted,
        ),
      );
      const { fitted: merged } = await post('/v1/merge', { fitted: documents });
      const all = parts.flatMap(({ rows }) => rows);
      const { fitted: whole } = await post('/v1/fit', { normalizer, data: tableOf(first, all) });
      assert.deepEqual(merged.input.columns, whole.input.columns);
      assertNear(merged.parameters.mean, whole.parameters.mean, 'mean');
      assertNear(merged.parameters.variances, whole.parameters.variances, 'variances');
      const served = tableOf([...first].sort(), all.slice(0, 7));
      const outputs = await Promise.all(
        [merged, whole].map(async (fitted) => (await post('/v1/transform', { fitted, data: served })).data.data),
      );
      // A principal component may point either way.
      const sign = kind === 'pca' ? Math.abs : (value: number) => value;
      const [got, wanted] = outputs.map((rows: number[][]) => rows.map((row) => row.map(sign)));
      assertNear(got, wanted, kind);
    }),
    { numRuns: 25 },
  );
});

test('a table is cut into the blocks of the same array, however wide', () => {
  const anyWidth = fc.integer({ min: 1, max: 4096 });
  const normalizer = fc.constantFrom('whiten', 'zscore').map((method) => Normalizer.parse({ method }));
  fc.assert(
    fc.property(anyWidth, normalizer, (width, asked) => {
      const { length } = planRowsFor(asked, width, width);
      assert.equal(length, planFor({ ...asked, columns: [0] }, [1e6, width]).length);
      const part = Math.ceil(width / 2);
      assert.equal(planRowsFor(asked, part, width).length / part, length / width);
    }),
  );
});

test('part of a whitened table is refused, whatever is asked for', async () => {
  const names = ['a', 'b', 'c'];
  const rows = rowsOf(names, 10, 1);
  const { fitted } = await post('/v1/fit', { normalizer: { method: 'whiten' }, data: tableOf(names, rows) });
  const part = tableOf(['c', 'a'], rows);
  for (const [path, more] of [
    ['/v1/transform', { missing_columns: 'ignore' }],
    ['/v1/inverse-transform', {}],
  ] as const) {
    const answer = await service.post(path, { fitted, data: part, ...more });
    assert.deepEqual([answer.status, answer.body.code], [422, 'missing_columns']);
    assert.match(answer.body.detail, /"b" .*none can be left out/);
  }
  const array = await service.post('/v1/inverse-transform', { fitted, data: [[1, 2]], columns: ['c', 'a'] });
  assert.deepEqual([array.status, array.body.code], [422, 'missing_columns']);
});
