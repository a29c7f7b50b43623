import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { factorize, solve } from '#evidence/cholesky.ts';
import { profileColumns } from '#evidence/columns.ts';
import { symmetricEigenvalues } from '#evidence/eigenvalues.ts';
import { balancedFolds, splitFold, stratifiedFolds } from '#evidence/folds.ts';
import { addGram } from '#evidence/gram.ts';
import { judge } from '#evidence/judge.ts';
import { mcnemar } from '#evidence/mcnemar.ts';
import { findNearest, orderStretches } from '#evidence/nearest-neighbors.ts';
import { rowNorms } from '#evidence/norms.ts';
import { sampleIndexes, shuffle } from '#evidence/random.ts';
import { seeded } from '../seeded.ts';
import { recorded } from './recorded.ts';

test('McNemar’s exact p is SciPy’s binomtest', () => {
  for (const [onlyFirst, onlySecond, p] of recorded.mcnemar) {
    const got = mcnemar(onlyFirst, onlySecond);
    assert.ok(Math.abs(got - p) <= 1e-10 * p, `${onlyFirst}, ${onlySecond}: ${got} where ${p} is right`);
  }
});

test('eigenvalues of symmetric matrices are NumPy’s', () => {
  for (const { matrix, eigenvalues } of recorded.spectra) {
    const got = symmetricEigenvalues(Float64Array.from(matrix.flat()), matrix.length);
    const largest = Math.max(...eigenvalues.map(Math.abs));
    got.forEach((value, i) => assert.ok(Math.abs(value - eigenvalues[i]) <= 1e-13 * largest));
  }
});

test('eigenvalues add up to the trace, whatever the matrix', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), fc.constantFrom(0, 1e-9, 1), (size, seed, density) => {
      const random = seeded(seed);
      const a = new Float64Array(size * size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) a[i * size + j] = random() < density ? random() - 0.5 : 0;
      }
      const trace = Array.from({ length: size }, (_, i) => a[i * size + i]).reduce((sum, value) => sum + value);
      const sum = symmetricEigenvalues(a, size).reduce((total, value) => total + value);
      assert.ok(Math.abs(sum - trace) < 1e-12 * size);
    }),
  );
});

test('stratified folds are StratifiedKFold’s', () => {
  for (const { labels, folds } of recorded.folds) {
    const seen = [...new Set(labels)];
    const numbered = labels.map((label) => seen.indexOf(label));
    assert.deepEqual([...stratifiedFolds(numbered, seen.length, 3)], folds);
  }
});

test('every sample is tested once, and folds of numbers have every size in them', () => {
  const numbers = Float64Array.from({ length: 53 }, (_, i) => (i * 37) % 53);
  const folds = balancedFolds(numbers, 5);
  const tested = Array.from({ length: 5 }, (_, fold) => splitFold(folds, fold));
  assert.deepEqual(
    tested.flatMap(({ test }) => [...test]).sort((a, b) => a - b),
    [...numbers.keys()],
  );
  for (const { train, test } of tested) {
    assert.equal(train.length + test.length, 53);
    const values = Array.from(test, (i) => numbers[i]);
    assert.ok(Math.min(...values) < 5 && Math.max(...values) > 47);
  }
});

test('the nearest are those that a sort of all distances finds, the first of equally near ones first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer(), (columns, seed) => {
      const random = seeded(seed);
      const rows = 30;
      // Few values, so that many distances are the same, and exact.
      const values = Float64Array.from({ length: rows * columns }, () => Math.floor(random() * 3));
      const x = { values, rows, columns };
      const train = Uint32Array.from({ length: 20 }, (_, i) => i + 10);
      const queries = Uint32Array.from({ length: 10 }, (_, i) => i);
      const distance = (a: number, b: number) => {
        let sum = 0;
        for (let j = 0; j < columns; j++) sum += (values[a * columns + j] - values[b * columns + j]) ** 2;
        return sum;
      };
      const expected = [...queries].flatMap((q) =>
        [...train].sort((a, b) => distance(q, a) - distance(q, b) || a - b).slice(0, 5),
      );
      assert.deepEqual([...findNearest(x, train, queries, 5, orderStretches(x, train))], expected);
    }),
  );
});

test('a Gram matrix is its definition, and its Cholesky factor solves with it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 1, max: 150 }),
      fc.integer(),
      (columns, rows, seed) => {
        const random = seeded(seed);
        const values = Float64Array.from({ length: rows * columns }, random);
        const offset = Float64Array.from({ length: columns }, random);
        const gram = new Float64Array(columns * columns);
        const all = Uint32Array.from({ length: rows }, (_, i) => i);
        addGram(gram, { values, rows, columns }, all, offset);
        const entry = (j: number, k: number) =>
          Array.from(all, (i) => (values[i * columns + j] - offset[j]) * (values[i * columns + k] - offset[k])).reduce(
            (sum, product) => sum + product,
          );
        for (let j = 0; j < columns; j++) {
          for (let k = 0; k <= j; k++) assert.ok(Math.abs(gram[j * columns + k] - entry(j, k)) < 1e-12 * rows);
          gram[j * columns + j] += 1;
        }
        const full = (j: number, k: number) => gram[Math.max(j, k) * columns + Math.min(j, k)];
        const solution = Float64Array.from({ length: columns }, () => random() - 0.5);
        const right = solution.map((_, j) => solution.reduce((sum, value, k) => sum + full(j, k) * value, 0));
        factorize(gram, columns);
        solve(gram, columns, right);
        right.forEach((value, j) => assert.ok(Math.abs(value - solution[j]) < 1e-9));
      },
    ),
  );
});

test('norms of numbers near the ends of a double are right', () => {
  const values = Float64Array.of(3e200, 4e200, 3e-200, 4e-200, 0, 0);
  assert.deepEqual(
    Array.from(rowNorms({ values, rows: 3, columns: 2 }), (norm) => Number(norm.toPrecision(12))),
    [5e200, 5e-200, 0],
  );
});

test('samples are drawn without repetition, in order, and the same by the same seed', () => {
  const drawn = sampleIndexes(1000, 100, 7);
  assert.equal(new Set(drawn).size, 100);
  assert.deepEqual(
    [...drawn],
    [...drawn].sort((a, b) => a - b),
  );
  assert.deepEqual(drawn, sampleIndexes(1000, 100, 7));
  assert.notDeepEqual(drawn, sampleIndexes(1000, 100, 8));
  assert.deepEqual([...sampleIndexes(5, 9, 1)], [0, 1, 2, 3, 4]);
  assert.deepEqual(
    [...shuffle(drawn, 3)].sort((a, b) => a - b),
    [...drawn],
  );
});

test('a column’s profile knows a sentinel from an outlier', () => {
  const plain = [5, 6, 7, 5, 6, 7, 8, 4, 5, 6];
  const profileOf = (column: number[]) =>
    profileColumns({ values: Float64Array.from(column), rows: column.length, columns: 1 }, 0, 1)[0];
  assert.equal(profileOf(plain).sentinel, undefined);
  assert.deepEqual(profileOf([...plain, -999, -999]).sentinel, { value: -999, count: 2 });
  assert.deepEqual(profileOf([...plain, 9999, 9999, 9999]).sentinel, { value: 9999, count: 3 });
  assert.equal(profileOf([...plain, -999]).sentinel, undefined, 'one value far away is an outlier');
  assert.equal(profileOf([0, 0, 1, 1]).sentinel, undefined, 'half of a column is no exception');
  const { std, quartiles, zeroShare, modeShare, histogram } = profileOf([0, 1, 2, 3, 4, 0]);
  assert.deepEqual([quartiles, zeroShare, modeShare], [[0.25, 1.5, 2.75], 1 / 3, 1 / 3]);
  assert.ok(Math.abs(std - Math.sqrt(20 / 9)) < 1e-12);
  assert.equal(
    histogram.reduce((sum, count) => sum + count),
    6,
  );
});

test('the best is told from others by the samples that only one of them got right', () => {
  const result = (outcomes: number[]) => ({
    scores: [],
    score: outcomes.reduce((sum, one) => sum + one, 0) / outcomes.length,
    outcomes: Float64Array.from(outcomes),
  });
  const ones = new Array<number>(20).fill(1);
  const half = ones.map((_, i) => i % 2);
  const verdict = judge([result(half), result(ones), undefined, result([...ones.slice(1), 0])], true);
  assert.deepEqual(verdict, { best: 1, pValues: [mcnemar(10, 0), 1, undefined, mcnemar(1, 0)], equals: [1, 3] });
  assert.equal(judge([undefined], true), undefined);
});
