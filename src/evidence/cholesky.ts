/** A pivot of less than this share of the largest diagonal entry is what rounding left of zero. */
const leastPivot = 1e-15;

/**
 * The Cholesky factor L of a symmetric positive semi-definite matrix, A = L·Lᵀ, over its lower triangle. A pivot that
 * rounding has made zero or less is lifted to `leastPivot`.
 * @param a row-major, of `size` × `size`; its lower triangle becomes L
 */
export function factorize(a: Float64Array, size: number): void {
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, a[i * size + i]);
  const floor = largest * leastPivot || 1;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j];
      for (let k = 0; k < j; k++) sum -= a[i * size + k] * a[j * size + k];
      a[i * size + j] = i === j ? Math.sqrt(Math.max(sum, floor)) : sum / a[j * size + j];
    }
  }
}

/** Solves A·x = b by the factor of A; `b` becomes x. */
export function solve(factor: Float64Array, size: number, b: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= factor[i * size + k] * b[k];
    b[i] = sum / factor[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    b[i] /= factor[i * size + i];
    for (let k = 0; k < i; k++) b[k] -= factor[i * size + k] * b[i];
  }
}
