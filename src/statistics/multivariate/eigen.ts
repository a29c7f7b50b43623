import { separateKernels } from '#kernels/kernels.ts';

const pageBytes = 2 ** 16;

export interface Eigen {
  /** The eigenvalues, the greatest first. */
  values: Float64Array<ArrayBuffer>;
  /** An eigenvector a row, of length 1; of its entries the one of greatest magnitude is positive. */
  vectors: Float64Array<ArrayBuffer>;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction, then the implicit QL algorithm (Golub and
 * Van Loan, Matrix Computations, 8.3). About 5 size³ operations.
 * @param matrix size × size finite values, row-major
 */
export function eigenOf(matrix: Float64Array, size: number): Eigen {
  const memory = separateMemory([size * size, size, size * size, 3 * size]);
  const [a, d, q, room] = memory.addresses;
  memory.at(a, size * size).set(matrix);
  if (!memory.kernels.eigen_symmetric(a, size, d, q, room)) throw new Error('The eigenvalues do not converge');
  const values = memory.at(d, size);
  const vectors = memory.at(q, size * size);
  const order = Array.from(values.keys()).sort((one, other) => values[other] - values[one] || one - other);
  const sorted = new Float64Array(size * size);
  order.forEach((from, to) => {
    const vector = vectors.subarray(from * size, (from + 1) * size);
    const sign = isNegative(vector) ? -1 : 1;
    for (let at = 0; at < size; at++) sorted[to * size + at] = sign * vector[at];
  });
  return { values: Float64Array.from(order, (at) => values[at]), vectors: sorted };
}

/** Cholesky's lower factor L with L Lᵀ = matrix; undefined where the matrix is not positive definite. */
export function choleskyOf(matrix: Float64Array, size: number): Float64Array<ArrayBuffer> | undefined {
  const memory = separateMemory([size * size]);
  const [a] = memory.addresses;
  memory.at(a, size * size).set(matrix);
  return memory.kernels.cholesky(a, size) ? memory.at(a, size * size).slice() : undefined;
}

/** The inverse of a lower triangular matrix. */
export function inverseOfLower(matrix: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const memory = separateMemory([size * size, size]);
  const [l, room] = memory.addresses;
  memory.at(l, size * size).set(matrix);
  memory.kernels.invert_lower(l, size, room);
  return memory.at(l, size * size).slice();
}

/** Whether the entry of greatest magnitude is negative; of two that differ by rounding alone, the first counts. */
function isNegative(vector: Float64Array): boolean {
  let most = 0;
  let sign = 1;
  for (const value of vector) {
    if (Math.abs(value) <= most * (1 + 1e-10)) continue;
    most = Math.abs(value);
    sign = value;
  }
  return sign < 0;
}

/** Kernels with room for arrays of these lengths; hundreds of megabytes go when nobody holds them any more. */
function separateMemory(lengths: readonly number[]) {
  const kernels = separateKernels();
  let next = Math.ceil(kernels.heap_base() / 64) * 64;
  const addresses = lengths.map((length) => {
    const address = next;
    next = Math.ceil((next + length * 8 + 64) / 64) * 64;
    return address;
  });
  const missing = next - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / pageBytes));
  const at = (address: number, length: number) => new Float64Array(kernels.memory.buffer, address, length);
  return { kernels, addresses, at };
}
