// What the probes of src/evidence spend their time on: products of matrices and distances between rows, in float64.

/** Rows of a panel: its columns lie one after the other, each with this many values. */
const PANEL_ROWS: usize = 64;

/** Values that a row's squares are summed of before the sum is compared with the distance to beat. */
const STRETCH: usize = 16;

@inline
function total(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

@inline
function addTo(address: usize, value: f64): void {
  store<f64>(address, load<f64>(address) + value);
}

/**
 * Adds the products of a panel's columns to the lower triangle of a matrix, four columns by two at a time.
 * @param panel `columns` columns of 64 values, and room for three more that are zeros
 * @param gram row-major, of `columns` × `columns`
 */
export function gram_panel(panel: usize, columns: usize, gram: usize): void {
  const columnBytes = PANEL_ROWS << 3;
  for (let i: usize = 0; i < columns; i += 4) {
    const left = panel + i * columnBytes;
    for (let j: usize = 0; j < columns && j < i + 4; j += 2) {
      const right = panel + j * columnBytes;
      let s00 = f64x2.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
      for (let k: usize = 0; k < columnBytes; k += 16) {
        const b0 = v128.load(right + k);
        const b1 = v128.load(right + columnBytes + k);
        const a0 = v128.load(left + k);
        s00 = f64x2.add(s00, f64x2.mul(a0, b0));
        s01 = f64x2.add(s01, f64x2.mul(a0, b1));
        const a1 = v128.load(left + columnBytes + k);
        s10 = f64x2.add(s10, f64x2.mul(a1, b0));
        s11 = f64x2.add(s11, f64x2.mul(a1, b1));
        const a2 = v128.load(left + 2 * columnBytes + k);
        s20 = f64x2.add(s20, f64x2.mul(a2, b0));
        s21 = f64x2.add(s21, f64x2.mul(a2, b1));
        const a3 = v128.load(left + 3 * columnBytes + k);
        s30 = f64x2.add(s30, f64x2.mul(a3, b0));
        s31 = f64x2.add(s31, f64x2.mul(a3, b1));
      }
      addPair(gram, columns, i, j, s00, s01);
      addPair(gram, columns, i + 1, j, s10, s11);
      addPair(gram, columns, i + 2, j, s20, s21);
      addPair(gram, columns, i + 3, j, s30, s31);
    }
  }
}

@inline
function addPair(gram: usize, columns: usize, row: usize, column: usize, first: v128, second: v128): void {
  if (row >= columns) return;
  const address = gram + ((row * columns + column) << 3);
  if (column <= row) addTo(address, total(first));
  if (column + 1 <= row) addTo(address + 8, total(second));
}

/**
 * Looks for the `k` rows next to a query: nearest first, of equally near ones those that came first.
 * @param width values of a row, a multiple of 16
 * @param first number of the first of these rows
 * @param stretches where each stretch of 16 columns begins, those that differ most first
 * @param distances squared, of the nearest so far; found: their numbers
 */
export function nearest_rows(
  x: usize,
  rows: u32,
  width: usize,
  first: u32,
  query: usize,
  stretches: usize,
  stretchCount: u32,
  k: u32,
  distances: usize,
  found: usize,
): void {
  const last = distances + ((k - 1) << 3);
  let limit = load<f64>(last);
  for (let row: u32 = 0; row < rows; row++, x += width << 3) {
    let sum: f64 = 0;
    for (let s: u32 = 0; s < stretchCount; s++) {
      const offset = (<usize>load<u32>(stretches + (s << 2))) << 3;
      sum += squaredDistance(x + offset, query + offset);
      if (sum >= limit) break;
    }
    if (sum >= limit) continue;
    let place = k - 1;
    for (; place > 0; place--) {
      const before = load<f64>(distances + ((place - 1) << 3));
      if (before <= sum) break;
      store<f64>(distances + (place << 3), before);
      store<u32>(found + (place << 2), load<u32>(found + ((place - 1) << 2)));
    }
    store<f64>(distances + (place << 3), sum);
    store<u32>(found + (place << 2), first + row);
    limit = load<f64>(last);
  }
}

@inline
function squaredDistance(a: usize, b: usize): f64 {
  let even = f64x2.splat(0), odd = even;
  for (let at: usize = 0; at < STRETCH << 3; at += 32) {
    const d0 = f64x2.sub(v128.load(a + at), v128.load(b + at));
    const d1 = f64x2.sub(v128.load(a + at + 16), v128.load(b + at + 16));
    even = f64x2.add(even, f64x2.mul(d0, d0));
    odd = f64x2.add(odd, f64x2.mul(d1, d1));
  }
  return total(f64x2.add(even, odd));
}

/**
 * Adds a row of inputs times a matrix with one row per input to `into`. Zeros cost nothing.
 * @param width of `into` and of the rows, a multiple of 2
 */
export function add_product(into: usize, width: usize, inputs: usize, count: usize, weights: usize): void {
  const rowBytes = width << 3;
  for (let j: usize = 0; j < count; j++, weights += rowBytes) {
    const value = load<f64>(inputs + (j << 3));
    if (value == 0) continue;
    const factor = f64x2.splat(value);
    for (let at: usize = 0; at < rowBytes; at += 16)
      v128.store(into + at, f64x2.add(v128.load(into + at), f64x2.mul(factor, v128.load(weights + at))));
  }
}

/** Adds a factor times the outer product of a row of inputs and a row of errors to a matrix. */
export function add_outer_products(weights: usize, inputs: usize, count: usize, errors: usize, width: usize, factor: f64): void {
  const rowBytes = width << 3;
  for (let j: usize = 0; j < count; j++, weights += rowBytes) {
    const value = load<f64>(inputs + (j << 3));
    if (value == 0) continue;
    const scale = f64x2.splat(factor * value);
    for (let at: usize = 0; at < rowBytes; at += 16)
      v128.store(weights + at, f64x2.add(v128.load(weights + at), f64x2.mul(scale, v128.load(errors + at))));
  }
}
