/** Iterations that an eigenvalue takes at most; two are usual. */
const maxIterations = 60;

/**
 * The eigenvalues of a symmetric matrix, ascending: Householder's tridiagonal form, then the implicit QL method
 * (Bowdler, Martin, Reinsch and Wilkinson 1968).
 * @param a row-major, of `size` × `size`; its lower triangle is read, and overwritten
 * @throws Error when an eigenvalue does not converge
 */
export function symmetricEigenvalues(a: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const diagonal = new Float64Array(size);
  const besides = new Float64Array(size);
  tridiagonalize(a, size, diagonal, besides);
  diagonalize(diagonal, besides);
  return diagonal.sort();
}

/** @param besides becomes the entries beside the diagonal, that of rows i and i − 1 at i */
function tridiagonalize(a: Float64Array, size: number, diagonal: Float64Array, besides: Float64Array): void {
  const product = new Float64Array(size);
  for (let i = size - 1; i > 0; i--) {
    const row = a.subarray(i * size, i * size + i);
    let scale = 0;
    for (const value of row) scale = Math.max(scale, Math.abs(value));
    diagonal[i] = a[i * size + i];
    if (i === 1 || scale === 0) {
      besides[i] = row[i - 1];
      if (scale === 0 || i === 1) continue;
    }
    let square = 0;
    for (let k = 0; k < i; k++) {
      row[k] /= scale;
      square += row[k] * row[k];
    }
    const length = row[i - 1] > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    besides[i] = scale * length;
    const half = square - row[i - 1] * length;
    row[i - 1] -= length;
    multiplySymmetric(a, size, i, row, product);
    let dot = 0;
    for (let j = 0; j < i; j++) {
      product[j] /= half;
      dot += product[j] * row[j];
    }
    const correction = dot / (2 * half);
    for (let j = 0; j < i; j++) product[j] -= correction * row[j];
    for (let j = 0; j < i; j++) {
      const start = j * size;
      const [p, r] = [product[j], row[j]];
      for (let k = 0; k <= j; k++) a[start + k] -= r * product[k] + p * row[k];
    }
  }
  diagonal[0] = a[0];
}

/** The leading `count` × `count` part, of which the lower triangle is stored, times a vector. */
function multiplySymmetric(a: Float64Array, size: number, count: number, by: Float64Array, into: Float64Array): void {
  into.fill(0, 0, count);
  for (let j = 0; j < count; j++) {
    const start = j * size;
    const own = by[j];
    let sum = 0;
    for (let k = 0; k < j; k++) {
      const value = a[start + k];
      sum += value * by[k];
      into[k] += value * own;
    }
    into[j] += sum + a[start + j] * own;
  }
}

function diagonalize(diagonal: Float64Array, besides: Float64Array): void {
  const size = diagonal.length;
  besides.copyWithin(0, 1);
  besides[size - 1] = 0;
  for (let low = 0; low < size; low++) {
    for (let iteration = 0; ; iteration++) {
      let high = low;
      while (high < size - 1 && !isNegligible(besides[high], diagonal[high], diagonal[high + 1])) high++;
      if (high === low) break;
      if (iteration === maxIterations) throw new Error('An eigenvalue does not converge.');
      shift(diagonal, besides, low, high);
    }
  }
}

function isNegligible(value: number, one: number, other: number): boolean {
  return Math.abs(value) <= Number.EPSILON * (Math.abs(one) + Math.abs(other));
}

/** One implicit QL step with Wilkinson's shift on the rows from `low` to `high`. */
function shift(diagonal: Float64Array, besides: Float64Array, low: number, high: number): void {
  let g = (diagonal[low + 1] - diagonal[low]) / (2 * besides[low]);
  let r = Math.hypot(g, 1);
  g = diagonal[high] - diagonal[low] + besides[low] / (g + (g >= 0 ? r : -r));
  let [sine, cosine, p] = [1, 1, 0];
  for (let i = high - 1; i >= low; i--) {
    const f = sine * besides[i];
    const b = cosine * besides[i];
    r = Math.hypot(f, g);
    besides[i + 1] = r;
    if (r === 0) {
      diagonal[i + 1] -= p;
      besides[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = diagonal[i + 1] - p;
    r = (diagonal[i] - g) * sine + 2 * cosine * b;
    p = sine * r;
    diagonal[i + 1] = g + p;
    g = cosine * r - b;
  }
  diagonal[low] -= p;
  besides[low] = g;
  besides[high] = 0;
}
