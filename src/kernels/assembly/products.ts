// Products of matrices of float64, row-major. Samples are rows; addresses are those of the first element.

/** Columns of a product that are computed at once: two pairs. */
const PANEL = 4;

const ROW_OF_TILE = 4;

@inline
function rowOf(matrix: usize, row: i32, length: i32): usize {
  return matrix + (((<usize>row) * (<usize>length)) << 3);
}

@inline
function sumOf(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** Lays samples out feature after feature, `stride` values from one to the next; what is left of a stride stays as it is. */
export function by_feature(x: usize, rows: i32, columns: i32, to: usize, stride: i32): void {
  for (let row = 0; row < rows; row++) {
    let at = to + ((<usize>row) << 3);
    for (const end = x + ((<usize>columns) << 3); x < end; x += 8) {
      store<f64>(at, load<f64>(x));
      at += (<usize>stride) << 3;
    }
  }
}

/** The sum of each of `features` runs of `count` values. */
export function feature_sums(byFeature: usize, features: i32, stride: i32, count: i32, to: usize): void {
  for (let feature = 0; feature < features; feature++) {
    let x = rowOf(byFeature, feature, stride);
    let sum: f64 = 0;
    for (const end = x + ((<usize>count) << 3); x < end; x += 8) sum += load<f64>(x);
    store<f64>(to + ((<usize>feature) << 3), sum);
  }
}

/** Adds a number of its own to each of `features` runs of `count` values. */
export function shift_features(byFeature: usize, features: i32, stride: i32, count: i32, shifts: usize): void {
  for (let feature = 0; feature < features; feature++) {
    const shift = load<f64>(shifts + ((<usize>feature) << 3));
    let x = rowOf(byFeature, feature, stride);
    for (const end = x + ((<usize>count) << 3); x < end; x += 8) store<f64>(x, load<f64>(x) + shift);
  }
}

@inline
function addTo(address: usize, value: f64): void {
  store<f64>(address, load<f64>(address) + value);
}

@inline
function addPair(triangle: usize, i: i32, j: i32, sum: v128, features: i32): void {
  if (i < features && j <= i) addTo(triangle + (((<usize>i * <usize>(i + 1)) / 2 + <usize>j) << 3), sumOf(sum));
}

/** Features whose runs stay in the second-level cache while all others pass. */
const BAND = 32;

/**
 * Adds the product of every pair of features, summed over the samples, to a lower triangle, row after row. The runs have
 * an even length, zeros at the end, and there is room to read four runs past the last.
 */
export function add_products(byFeature: usize, features: i32, stride: i32, triangle: usize): void {
  const bytes = (<usize>stride) << 3;
  for (let band = 0; band < features; band += BAND) {
    const beyond = min(band + BAND, features);
    for (let i = band & ~3; i < features; i += 4) {
      for (let j = band; j < beyond && j < i + 4; j += 2) {
        let a = rowOf(byFeature, i, stride), b = rowOf(byFeature, j, stride);
        let s0 = f64x2.splat(0), s1 = f64x2.splat(0), s2 = f64x2.splat(0), s3 = f64x2.splat(0);
        let t0 = f64x2.splat(0), t1 = f64x2.splat(0), t2 = f64x2.splat(0), t3 = f64x2.splat(0);
        for (const end = a + bytes; a < end; a += 16) {
          const x = v128.load(b), y = v128.load(b + bytes);
          const a0 = v128.load(a), a1 = v128.load(a + bytes), a2 = v128.load(a + 2 * bytes), a3 = v128.load(a + 3 * bytes);
          s0 = f64x2.add(s0, f64x2.mul(a0, x));
          s1 = f64x2.add(s1, f64x2.mul(a1, x));
          s2 = f64x2.add(s2, f64x2.mul(a2, x));
          s3 = f64x2.add(s3, f64x2.mul(a3, x));
          t0 = f64x2.add(t0, f64x2.mul(a0, y));
          t1 = f64x2.add(t1, f64x2.mul(a1, y));
          t2 = f64x2.add(t2, f64x2.mul(a2, y));
          t3 = f64x2.add(t3, f64x2.mul(a3, y));
          b += 16;
        }
        addPair(triangle, i, j, s0, features);
        addPair(triangle, i + 1, j, s1, features);
        addPair(triangle, i + 2, j, s2, features);
        addPair(triangle, i + 3, j, s3, features);
        addPair(triangle, i, j + 1, t0, features);
        addPair(triangle, i + 1, j + 1, t1, features);
        addPair(triangle, i + 2, j + 1, t2, features);
        addPair(triangle, i + 3, j + 1, t3, features);
      }
    }
  }
}

/** Adds factor · d dᵀ to a lower triangle. */
export function add_outer(d: usize, features: i32, factor: f64, triangle: usize): void {
  for (let i = 0; i < features; i++) {
    const one = factor * load<f64>(d + ((<usize>i) << 3));
    for (let j = 0; j <= i; j++) {
      addTo(triangle, one * load<f64>(d + ((<usize>j) << 3)));
      triangle += 8;
    }
  }
}

/** Adds `count` values to others. */
export function add_values(from: usize, count: i32, to: usize): void {
  for (const end = from + ((<usize>count) << 3); from < end; from += 8) {
    addTo(to, load<f64>(from));
    to += 8;
  }
}

/** The elements of an `inputs` × `outputs` matrix in panels of four columns, as `multiply` reads them; zeros fill the last. */
export function lay_panels(matrix: usize, inputs: i32, outputs: i32, transposed: bool, to: usize): void {
  for (let panel = 0; panel < outputs; panel += PANEL) {
    for (let input = 0; input < inputs; input++) {
      for (let column = panel; column < panel + PANEL; column++) {
        const at = transposed ? rowOf(matrix, column, inputs) + ((<usize>input) << 3) : rowOf(matrix, input, outputs) + ((<usize>column) << 3);
        store<f64>(to, column < outputs ? load<f64>(at) : 0);
        to += 8;
      }
    }
  }
}

@inline
function storePanel(to: usize, left: i32, low: v128, high: v128): void {
  if (left >= 4) {
    v128.store(to, low);
    v128.store(to, high, 16);
    return;
  }
  store<f64>(to, f64x2.extract_lane(low, 0));
  if (left > 1) store<f64>(to, f64x2.extract_lane(low, 1), 8);
  if (left > 2) store<f64>(to, f64x2.extract_lane(high, 0), 16);
}

/** x M for every row x, M in panels. The sum runs over the inputs in their order, whatever the number of rows. */
export function multiply(x: usize, rows: i32, inputs: i32, panels: usize, outputs: i32, to: usize): void {
  const bytes = (<usize>inputs) << 3;
  for (let panel = 0; panel < outputs; panel += PANEL) {
    const first = panels + (((<usize>panel) * (<usize>inputs)) << 3);
    let row = 0;
    for (; row + ROW_OF_TILE <= rows; row += ROW_OF_TILE) {
      let a = rowOf(x, row, inputs), m = first;
      let l0 = f64x2.splat(0), l1 = f64x2.splat(0), l2 = f64x2.splat(0), l3 = f64x2.splat(0);
      let h0 = f64x2.splat(0), h1 = f64x2.splat(0), h2 = f64x2.splat(0), h3 = f64x2.splat(0);
      for (const end = a + bytes; a < end; a += 8) {
        const low = v128.load(m), high = v128.load(m, 16);
        const a0 = v128.load64_splat(a), a1 = v128.load64_splat(a + bytes);
        const a2 = v128.load64_splat(a + 2 * bytes), a3 = v128.load64_splat(a + 3 * bytes);
        l0 = f64x2.add(l0, f64x2.mul(a0, low));
        h0 = f64x2.add(h0, f64x2.mul(a0, high));
        l1 = f64x2.add(l1, f64x2.mul(a1, low));
        h1 = f64x2.add(h1, f64x2.mul(a1, high));
        l2 = f64x2.add(l2, f64x2.mul(a2, low));
        h2 = f64x2.add(h2, f64x2.mul(a2, high));
        l3 = f64x2.add(l3, f64x2.mul(a3, low));
        h3 = f64x2.add(h3, f64x2.mul(a3, high));
        m += 8 * PANEL;
      }
      const at = rowOf(to, row, outputs) + ((<usize>panel) << 3), step = (<usize>outputs) << 3;
      storePanel(at, outputs - panel, l0, h0);
      storePanel(at + step, outputs - panel, l1, h1);
      storePanel(at + 2 * step, outputs - panel, l2, h2);
      storePanel(at + 3 * step, outputs - panel, l3, h3);
    }
    for (; row < rows; row++) {
      let a = rowOf(x, row, inputs), m = first;
      let low = f64x2.splat(0), high = f64x2.splat(0);
      for (const end = a + bytes; a < end; a += 8) {
        const one = v128.load64_splat(a);
        low = f64x2.add(low, f64x2.mul(one, v128.load(m)));
        high = f64x2.add(high, f64x2.mul(one, v128.load(m, 16)));
        m += 8 * PANEL;
      }
      storePanel(rowOf(to, row, outputs) + ((<usize>panel) << 3), outputs - panel, low, high);
    }
  }
}

/** Solves v Mᵀ = y for every row y, in place; M is lower triangular, size × size. */
export function solve_lower(y: usize, rows: i32, size: i32, matrix: usize): void {
  for (let row = 0; row < rows; row++) {
    const v = rowOf(y, row, size);
    for (let i = 0; i < size; i++) {
      const m = rowOf(matrix, i, size);
      let sum = load<f64>(v + ((<usize>i) << 3));
      for (let j: usize = 0; j < (<usize>i) << 3; j += 8) sum -= load<f64>(m + j) * load<f64>(v + j);
      store<f64>(v + ((<usize>i) << 3), sum / load<f64>(m + ((<usize>i) << 3)));
    }
  }
}
