/** How often drift is found where there is none, and where there is some: by simulation, seeded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareColumn, smallestP } from '#drift/column.ts';
import { describe, describeReductions } from '#statistics/describe.ts';
import { correctForMany } from '#statistics/drift/benjamini-hochberg.ts';
import { createCdfSketch } from '#statistics/drift/cdf-sketch.ts';
import { field, type State } from '#statistics/reduction.ts';
import { seeded } from '../seeded.ts';

const columns = 20;
const alpha = 0.05;

const random = seeded(20261129);

function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function draw(count: number, shift = 0): Float64Array {
  return Float64Array.from({ length: count }, () => normal() + shift).sort();
}

/** What a profile knows of a column. */
function fit(values: Float64Array) {
  const [seen, powers] = describeReductions.map((reduction): State => {
    return { from: 0, slices: 1, values: new Float64Array(reduction.fields.length) };
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const known: Record<string, number> = {
    count: values.length,
    min: values[0],
    max: values[values.length - 1],
    mean,
    m2: squares,
  };
  for (const [at, state] of [seen, powers].entries()) {
    const { fields } = describeReductions[at];
    fields.forEach((name, place) => (state.values[place] = known[name] ?? 0));
  }
  assert.equal(field(describeReductions[0], seen, 'count')[0], values.length);
  return { sketch: createCdfSketch(values), description: describe([seen, powers], 0, true) };
}

type Fit = ReturnType<typeof fit>;

function isDrifted(fits: readonly Fit[], sample: () => Float64Array): boolean {
  const raw = fits.map(({ sketch, description }) =>
    smallestP(compareColumn(sketch, description, 0, { sorted: sample(), nanCount: 0 })),
  );
  return correctForMany(raw).some((p) => p <= alpha);
}

for (const [m, references, n, batches] of [
  [1_000, 10, 50, 40],
  [1_000, 10, 300, 30],
  [1_000, 10, 5_000, 4],
  [100_000, 1, 50, 200],
  [100_000, 1, 300, 100],
  [100_000, 1, 5_000, 30],
]) {
  test(`without drift, at most 6 % of batches of ${n} beside ${m} fitted are said to have drifted`, () => {
    let found = 0;
    for (let reference = 0; reference < references; reference++) {
      const fits = Array.from({ length: columns }, () => fit(draw(m)));
      for (let batch = 0; batch < batches; batch++) if (isDrifted(fits, () => draw(n))) found++;
    }
    assert.ok(found <= 0.06 * references * batches, `${found} of ${references * batches}`);
  });
}

test('a shift of half a deviation in one of 20 columns is found in at least 99 % of batches of 500', () => {
  const batches = 100;
  const fits = Array.from({ length: columns }, () => fit(draw(1_000)));
  let found = 0;
  for (let batch = 0; batch < batches; batch++) {
    let column = 0;
    if (isDrifted(fits, () => draw(500, column++ === 7 ? 0.5 : 0))) found++;
  }
  assert.ok(found >= 0.99 * batches, `${found} of ${batches}`);
});
