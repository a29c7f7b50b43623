import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { choleskyOf, eigenOf, inverseOfLower } from '#statistics/multivariate/eigen.ts';
import { seeded } from '../seeded.ts';

type Matrix = Float64Array<ArrayBuffer>;

const product = (a: Matrix, b: Matrix, size: number): Matrix =>
  Float64Array.from({ length: size * size }, (_, at) => {
    const [row, column] = [Math.floor(at / size), at % size];
    let sum = 0;
    for (let k = 0; k < size; k++) sum += a[row * size + k] * b[k * size + column];
    return sum;
  });

const transposed = (a: Matrix, size: number): Matrix => a.map((_, at) => a[(at % size) * size + Math.floor(at / size)]);

const identity = (size: number): Matrix =>
  Float64Array.from({ length: size * size }, (_, at) => Number(at % (size + 1) === 0));

function assertClose(got: Matrix, expected: Matrix, allowed: number): void {
  got.forEach((value, at) =>
    assert.ok(Math.abs(value - expected[at]) <= allowed, `at ${at}: ${value}, ${expected[at]}`),
  );
}

/** M Mᵀ for a random M, some of whose columns are zero, so that eigenvalues come together. */
function positive(size: number, seed: number, rank = size): Matrix {
  const random = seeded(seed);
  const factor = Float64Array.from({ length: size * size }, (_, at) => (at % size < rank ? random() - 0.5 : 0));
  return product(factor, transposed(factor, size), size);
}

const sizes = fc.integer({ min: 1, max: 24 });

test('eigenvectors are orthonormal and give the matrix back, whatever its rank', () => {
  fc.assert(
    fc.property(sizes, fc.nat(1000), fc.nat(24), (size, seed, rank) => {
      const matrix = positive(size, seed, Math.min(rank, size));
      const { values, vectors } = eigenOf(matrix, size);
      const most = Math.max(values[0], 1e-300);
      assertClose(product(vectors, transposed(vectors, size), size), identity(size), 1e-13);
      const scaled = vectors.map((value, at) => value * values[Math.floor(at / size)]);
      assertClose(product(transposed(vectors, size), scaled, size), matrix, 1e-13 * most);
      values.forEach((value, at) => assert.ok(at === 0 || value <= values[at - 1]));
    }),
    { numRuns: 80, seed: 1 },
  );
});

test('of the entries of an eigenvector, the greatest is positive', () => {
  const { vectors } = eigenOf(positive(9, 3), 9);
  for (let row = 0; row < 9; row++) {
    const vector = [...vectors.subarray(row * 9, row * 9 + 9)];
    const most = Math.max(...vector.map(Math.abs));
    assert.ok(vector.includes(most), String(vector));
  }
});

test('known eigenvalues: of a diagonal matrix, of ones, and of the second difference', () => {
  assert.deepEqual([...eigenOf(Float64Array.of(2, 0, 0, 0, 7, 0, 0, 0, -1), 3).values], [7, 2, -1]);
  const ones = eigenOf(new Float64Array(36).fill(1), 6);
  assertClose(ones.values, Float64Array.of(6, 0, 0, 0, 0, 0), 1e-14);
  const size = 50;
  const difference = new Float64Array(size * size);
  for (let at = 0; at < size; at++) {
    difference[at * size + at] = 2;
    if (at > 0) difference[at * size + at - 1] = difference[(at - 1) * size + at] = -1;
  }
  const expected = Float64Array.from(
    { length: size },
    (_, at) => 2 - 2 * Math.cos(((size - at) * Math.PI) / (size + 1)),
  );
  assertClose(eigenOf(difference, size).values, expected, 1e-13);
});

test("Cholesky's factor gives the matrix back, its inverse undoes it, and a singular matrix has none", () => {
  fc.assert(
    fc.property(sizes, fc.nat(1000), (size, seed) => {
      const matrix = positive(size, seed).map((value, at) => value + Number(at % (size + 1) === 0));
      const lower = choleskyOf(matrix, size);
      assert.ok(lower);
      assertClose(product(lower, transposed(lower, size), size), matrix, 1e-13 * size);
      assertClose(product(inverseOfLower(lower, size), lower, size), identity(size), 1e-12);
    }),
    { numRuns: 60, seed: 2 },
  );
  assert.equal(choleskyOf(Float64Array.of(1, 1, 1, 1), 2), undefined);
  assert.equal(choleskyOf(Float64Array.of(-1), 1), undefined);
});
