/** What holds for every normalizer holds for those that are made of others: these are made at random. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { createPool } from '#pool/pool.ts';
import { runCall } from '#engine/run-call.ts';
import type { Call } from '#engine/plan-call.ts';
import { collectBytes } from '#memory/concat.ts';
import { type Fitted, fittedLeaves } from '#normalizers/fitted-normalizer.ts';
import { groupId, indexGroups } from '#normalizers/composition/groups.ts';
import { whyUnmergeable } from '#normalizers/composition/parts.ts';
import { resolveNormalizer } from '#normalizers/composition/resolve-normalizer.ts';
import { mergeFitted } from '#normalizers/merge-fitted.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import { fittedFromJson, fittedToJson, FittedDocument } from '#formats/json/fitted/fitted-document.ts';
import { drain } from '#formats/writer.ts';
import { inlineRunner } from '#engine/run-inline.ts';
import { toSource } from '#tensor/source.ts';
import type { Runner } from '#pool/task.ts';
import { seeded } from '../seeded.ts';

const width = 4;

const leaf = fc.constantFrom(
  { method: 'zscore' },
  { method: 'minmax' },
  { method: 'maxabs' },
  { method: 'mean_range' },
  { method: 'log', kind: 'symlog' },
  { method: 'zscore', with_mean: false },
  { method: 'passthrough' },
);

/** Of any of the columns that are there. */
function normalizers(columns: number, depth: number): fc.Arbitrary<object> {
  if (depth === 0) return leaf;
  const inner = normalizers(columns, depth - 1);
  const chain = fc.array(inner, { minLength: 1, maxLength: 3 }).map((steps) => ({ method: 'pipeline', steps }));
  if (columns < 2) return fc.oneof(leaf, chain);
  const divided = fc
    .tuple(fc.integer({ min: 1, max: columns - 1 }), fc.shuffledSubarray(range(columns), { minLength: columns }))
    .chain(([cut, order]) => {
      const [some, others] = [order.slice(0, cut), order.slice(cut)];
      return fc
        .tuple(normalizers(some.length, depth - 1), normalizers(others.length, depth - 1), fc.boolean())
        .map(([one, other, isShort]) => ({
          method: 'column_transformer',
          transformers: [
            { columns: some, normalizer: one },
            ...(isShort ? [] : [{ columns: others, normalizer: other }]),
          ],
        }));
    });
  return fc.oneof(leaf, chain, divided);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}

const pools = [createPool(1), createPool(8)];
after(async () => {
  for (const pool of pools) await pool.close();
});

function parse(normalizer: object) {
  return resolveNormalizer(Normalizer.parse(normalizer), { length: width });
}

const dataOf = (rows: number, seed: number) => {
  const random = seeded(seed);
  return Float64Array.from({ length: rows * width }, () => random() * 200 - 100);
};

function inputOf(values: Float64Array, columns = width) {
  const { buffer } = values.slice();
  return {
    source: toSource({ dtype: 'float64' as const, shape: [values.length / columns, columns], buffer }),
    form: 'binary' as const,
    inMemory: true,
  };
}

async function fit(call: Partial<Call>, values: Float64Array, run: Runner = inlineRunner): Promise<Fitted> {
  const all: Call = { operation: 'fit', statistics: false, include: ['fitted'], ...call };
  const { fitted } = await drain(runCall(all, inputOf(values), 'none', run, Infinity));
  assert.ok(fitted);
  return fitted;
}

async function apply(call: Partial<Call>, values: Float64Array, run: Runner = inlineRunner): Promise<Float64Array> {
  const all = { statistics: false, include: ['data'], ...call } as Call;
  const bytes = await collectBytes(runCall(all, inputOf(values), 'bytes', run, Infinity));
  return new Float64Array(bytes.slice().buffer);
}

function isClose(got: Float64Array, expected: Float64Array, within: number): void {
  assert.equal(got.length, expected.length);
  const most = expected.reduce((least, value) => Math.max(least, Math.abs(value)), 1);
  got.forEach((value, at) =>
    assert.ok(Math.abs(value - expected[at]) <= within * most, `${at}: ${value}, ${expected[at]}`),
  );
}

test('the inverse takes the transform back', async () => {
  await fc.assert(
    fc.asyncProperty(normalizers(width, 3), fc.nat(1000), async (given, seed) => {
      const values = dataOf(9, seed);
      const fitted = await fit({ normalizer: parse(given) }, values);
      const output = await apply({ operation: 'transform', fitted }, values);
      isClose(await apply({ operation: 'inverse-transform', fitted }, output), values, 1e-9);
    }),
    { numRuns: 60, seed: 1 },
  );
});

test('a document reads back to the bit, and normalize gives what fit and transform give', async () => {
  await fc.assert(
    fc.asyncProperty(normalizers(width, 3), fc.nat(1000), async (given, seed) => {
      const [values, normalizer] = [dataOf(9, seed), parse(given)];
      const fitted = await fit({ normalizer }, values);
      const json = JSON.stringify(fittedToJson(fitted));
      const read = fittedFromJson(FittedDocument.parse(JSON.parse(json)));
      assert.equal(JSON.stringify(fittedToJson(read)), json);
      const output = await apply({ operation: 'transform', fitted: read }, values);
      assert.deepEqual(await apply({ operation: 'normalize', normalizer }, values), output);
    }),
    { numRuns: 40, seed: 2 },
  );
});

test('parts merge to what one fit gives, in any order to the same bits where that is theirs', async () => {
  const isMergeable = (given: object) => !whyUnmergeable(parse(given));
  await fc.assert(
    fc.asyncProperty(normalizers(width, 2).filter(isMergeable), fc.nat(1000), async (given, seed) => {
      const [values, normalizer] = [dataOf(12, seed), parse(given)];
      const whole = await fit({ normalizer }, values);
      const cuts = [0, 4 * width, 5 * width, 12 * width];
      const parts = await Promise.all(
        cuts.slice(1).map((to, at) => fit({ normalizer }, values.subarray(cuts[at], to))),
      );
      const merged = mergeFitted(parts);
      fittedLeaves(merged).forEach((leafMerged, at) => {
        for (const [name, expected] of Object.entries(fittedLeaves(whole)[at].parameters))
          isClose(leafMerged.parameters[name], expected, 1e-12);
      });
      assert.deepEqual(mergeFitted(parts.map((part) => part)), merged);
    }),
    { numRuns: 40, seed: 3 },
  );
});

test('1 or 8 workers give the same bits, of chains, columns and groups', async () => {
  const rows = 70_000;
  const values = dataOf(rows, 5);
  const grouping = {
    method: 'grouped',
    normalizer: { method: 'pipeline', steps: [{ method: 'log', kind: 'symlog' }, { method: 'zscore' }] },
  };
  const random = seeded(8);
  const index = indexGroups(Array.from({ length: rows }, () => Math.floor(random() * 900)));
  const groups = { [groupId({ unseen: 'error', minSamples: 1 })]: index };
  const given: [object, Call['groups']][] = [
    [{ method: 'pipeline', steps: [{ method: 'zscore' }, { method: 'minmax' }] }, undefined],
    [
      {
        method: 'column_transformer',
        transformers: [
          { columns: [3, 0], normalizer: { method: 'zscore' } },
          { columns: [1], normalizer: grouping },
        ],
      },
      groups,
    ],
  ];
  for (const [one, own] of given) {
    const [few, many] = await Promise.all(
      pools.map((pool) => apply({ operation: 'normalize', normalizer: parse(one), groups: own }, values, pool.run)),
    );
    assert.deepEqual(few, many);
    const fitted = await fit({ normalizer: parse(one), groups: own }, values, pools[1].run);
    const inline = await fit({ normalizer: parse(one), groups: own }, values);
    assert.deepEqual(fittedToJson(fitted), fittedToJson(inline));
  }
});
