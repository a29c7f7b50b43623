// Eigenvectors of a symmetric matrix, and Cholesky's factor of a positive one. All rows are contiguous: every inner loop
// runs along them.

@inline
function rowOf(matrix: usize, row: i32, size: i32): usize {
  return matrix + (((<usize>row) * (<usize>size)) << 3);
}

@inline
function at(x: usize, i: i32): f64 {
  return load<f64>(x + ((<usize>i) << 3));
}

@inline
function put(x: usize, i: i32, value: f64): void {
  store<f64>(x + ((<usize>i) << 3), value);
}

/** Σ x y. */
function dot(x: usize, y: usize, count: i32): f64 {
  let one = f64x2.splat(0), other = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    one = f64x2.add(one, f64x2.mul(v128.load(x), v128.load(y)));
    other = f64x2.add(other, f64x2.mul(v128.load(x, 16), v128.load(y, 16)));
    x += 32;
    y += 32;
  }
  const pair = f64x2.add(one, other);
  let sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
  for (; i < count; i++) {
    sum += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return sum;
}

/** y += factor x. */
function add(x: usize, factor: f64, y: usize, count: i32): void {
  const factors = f64x2.splat(factor);
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(factors, v128.load(x))));
    x += 16;
    y += 16;
  }
  if (i < count) store<f64>(y, load<f64>(y) + factor * load<f64>(x));
}

/**
 * Householder's reduction of a symmetric matrix, of which the lower triangle is read, to tridiagonal form (Golub and Van
 * Loan, Matrix Computations, 8.3.1), from the last row to the first. Row i keeps the vector v of its reflection 1 - beta v vᵀ
 * before the diagonal.
 * @param d the diagonal
 * @param e what stands before it, from e[1] on
 * @param room `size` values
 */
function tridiagonalize(a: usize, size: i32, d: usize, e: usize, betas: usize, room: usize): void {
  for (let i = size - 1; i > 0; i--) {
    const v = rowOf(a, i, size), p = room;
    const last = at(v, i - 1);
    let scale: f64 = 0;
    for (let j = 0; j < i; j++) scale = max(scale, abs(at(v, j)));
    put(d, i, at(v, i));
    put(betas, i, 0);
    put(e, i, last);
    if (i == 1 || scale == 0 || scale == abs(last) && dot(v, v, i - 1) == 0) continue;
    for (let j = 0; j < i; j++) put(v, j, at(v, j) / scale);
    const norm = sqrt(dot(v, v, i)), head = at(v, i - 1);
    const alpha = head > 0 ? -norm : norm;
    put(v, i - 1, head - alpha);
    const beta = 2 / dot(v, v, i);
    put(betas, i, beta);
    put(e, i, alpha * scale);
    for (let j = 0; j < i; j++) put(p, j, 0);
    for (let j = 0; j < i; j++) {
      const row = rowOf(a, j, size);
      put(p, j, at(p, j) + dot(row, v, j + 1));
      add(row, at(v, j), p, j);
    }
    for (let j = 0; j < i; j++) put(p, j, beta * at(p, j));
    add(v, -0.5 * beta * dot(p, v, i), p, i);
    for (let j = 0; j < i; j++) {
      const row = rowOf(a, j, size);
      add(p, -at(v, j), row, j + 1);
      add(v, -at(p, j), row, j + 1);
    }
  }
  put(d, 0, at(a, 0));
}

/** The transpose of the product of the reflections that `tridiagonalize` kept. */
function gatherReflections(a: usize, size: i32, betas: usize, q: usize): void {
  for (let i = 0; i < size; i++) {
    const row = rowOf(q, i, size);
    for (let j = 0; j < size; j++) put(row, j, i == j ? 1 : 0);
  }
  for (let i = 2; i < size; i++) {
    const beta = at(betas, i), v = rowOf(a, i, size);
    if (beta == 0) continue;
    for (let r = 0; r < i; r++) {
      const row = rowOf(q, r, size);
      add(v, -beta * dot(row, v, i), row, i);
    }
  }
}

/** Turns two rows of eigenvectors: (x, y) becomes (c x - s y, s x + c y). */
function turn(x: usize, y: usize, c: f64, s: f64, count: i32): void {
  const cs = f64x2.splat(c), ss = f64x2.splat(s);
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const one = v128.load(x), other = v128.load(y);
    v128.store(x, f64x2.sub(f64x2.mul(cs, one), f64x2.mul(ss, other)));
    v128.store(y, f64x2.add(f64x2.mul(ss, one), f64x2.mul(cs, other)));
    x += 16;
    y += 16;
  }
  if (i < count) {
    const one = load<f64>(x), other = load<f64>(y);
    store<f64>(x, c * one - s * other);
    store<f64>(y, s * one + c * other);
  }
}

@inline
function hypotenuse(a: f64, b: f64): f64 {
  const x = abs(a), y = abs(b), most = max(x, y), least = min(x, y);
  if (most == 0) return 0;
  const share = least / most;
  return most * sqrt(1 + share * share);
}

/** Sweeps that an eigenvalue may need; a few are enough for any matrix. */
const MOST_SWEEPS = 60;

/** The first index from `l` on whose off-diagonal neighbour is nothing beside its diagonal. */
@inline
function endOfBlock(d: usize, e: usize, l: i32, size: i32): i32 {
  for (let m = l; m < size - 1; m++) {
    const beside = abs(at(d, m)) + abs(at(d, m + 1));
    if (abs(at(e, m)) <= f64.EPSILON * beside) return m;
  }
  return size - 1;
}

/**
 * The implicit QL algorithm (Bowdler, Martin, Reinsch and Wilkinson, Numerische Mathematik 11, 1968): d becomes the
 * eigenvalues, and the rows of q their eigenvectors. e[i] stands behind d[i] here. False where it does not converge.
 */
function diagonalize(d: usize, e: usize, size: i32, q: usize): bool {
  for (let l = 0; l < size; l++) {
    for (let sweep = 0; ; sweep++) {
      const m = endOfBlock(d, e, l, size);
      if (m == l) break;
      if (sweep == MOST_SWEEPS) return false;
      const slope = (at(d, l + 1) - at(d, l)) / (2 * at(e, l));
      const root = hypotenuse(slope, 1);
      let g = at(d, m) - at(d, l) + at(e, l) / (slope + (slope < 0 ? -root : root));
      let s: f64 = 1, c: f64 = 1, p: f64 = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * at(e, i), b = c * at(e, i);
        const r = hypotenuse(f, g);
        put(e, i + 1, r);
        if (r == 0) {
          put(d, i + 1, at(d, i + 1) - p);
          put(e, m, 0);
          break;
        }
        s = f / r;
        c = g / r;
        g = at(d, i + 1) - p;
        const t = (at(d, i) - g) * s + 2 * c * b;
        p = s * t;
        put(d, i + 1, g + p);
        g = c * t - b;
        turn(rowOf(q, i, size), rowOf(q, i + 1, size), c, s, size);
      }
      if (i >= l) continue;
      put(d, l, at(d, l) - p);
      put(e, l, g);
      put(e, m, 0);
    }
  }
  return true;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, in no order; its memory is written over.
 * @param values `size` eigenvalues
 * @param vectors an eigenvector a row
 * @param room 3 · size values
 * @returns false where the algorithm does not converge
 */
export function eigen_symmetric(matrix: usize, size: i32, values: usize, vectors: usize, room: usize): bool {
  const bytes = (<usize>size) << 3;
  const e = room, betas = room + bytes;
  tridiagonalize(matrix, size, values, e, betas, betas + bytes);
  gatherReflections(matrix, size, betas, vectors);
  for (let i = 1; i < size; i++) put(e, i - 1, at(e, i));
  put(e, size - 1, 0);
  return diagonalize(values, e, size, vectors);
}

/**
 * Replaces a symmetric matrix by Cholesky's lower factor, zeros above it; false where it is not positive, or by no more
 * than rounding.
 */
export function cholesky(a: usize, size: i32): bool {
  for (let i = 0; i < size; i++) {
    const row = rowOf(a, i, size);
    for (let j = 0; j < i; j++) {
      const other = rowOf(a, j, size);
      put(row, j, (at(row, j) - dot(row, other, j)) / at(other, j));
    }
    const whole = at(row, i), rest = whole - dot(row, row, i);
    if (!(rest > <f64>size * f64.EPSILON * whole)) return false;
    put(row, i, sqrt(rest));
    for (let j = i + 1; j < size; j++) put(row, j, 0);
  }
  return true;
}

/** Replaces a lower triangular matrix by its inverse. */
export function invert_lower(l: usize, size: i32, room: usize): void {
  for (let i = 0; i < size; i++) {
    const row = rowOf(l, i, size), diagonal = at(row, i);
    for (let j = 0; j < i; j++) put(room, j, 0);
    for (let j = 0; j < i; j++) add(rowOf(l, j, size), -at(row, j), room, j + 1);
    for (let j = 0; j < i; j++) put(row, j, at(room, j) / diagonal);
    put(row, i, 1 / diagonal);
  }
}
