// Counts of values by bins between nine edges of their own, for each slice.

/** Numbers of a slice's edges: the least value, the largest, and ten between, the last of which is infinite. */
const EDGES = 12;

/** Numbers of a slice's counts: ten bins, NaN, below, above, and all. */
const COUNTS = 14;
const NAN = 10;
const BELOW = 11;
const ABOVE = 12;
const ALL = 13;

/** How many of the ten edges a value exceeds. */
@inline
function binOf(value: f64, edges: usize): i32 {
  const values = f64x2.splat(value);
  let sum = f64x2.gt(values, v128.load(edges, 16));
  sum = i64x2.add(sum, f64x2.gt(values, v128.load(edges, 32)));
  sum = i64x2.add(sum, f64x2.gt(values, v128.load(edges, 48)));
  sum = i64x2.add(sum, f64x2.gt(values, v128.load(edges, 64)));
  sum = i64x2.add(sum, f64x2.gt(values, v128.load(edges, 80)));
  return -<i32>(i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1));
}

@inline
function slotOf(value: f64, edges: usize): i32 {
  if (value < load<f64>(edges)) return BELOW;
  if (value > load<f64>(edges, 8)) return ABOVE;
  return value == value ? binOf(value, edges) : NAN;
}

@inline
function increase(counts: usize, slot: i32, by: f64): void {
  const counter = counts + ((<usize>slot) << 3);
  store<f64>(counter, load<f64>(counter) + by);
}

/**
 * Adds a float64 tile to the counts of its slices.
 * @param edges of the tile's first slice
 * @param toNext bytes from the counts of a slice to those of the next; 0 where all slices are counted as one
 */
export function count_deciles(x: usize, rows: i32, columns: i32, rowIsSlice: bool, edges: usize, counts: usize, toNext: usize): void {
  const rowEdges: usize = rowIsSlice ? <usize>EDGES << 3 : 0;
  const columnEdges: usize = rowIsSlice ? 0 : <usize>EDGES << 3;
  const rowCounts: usize = rowIsSlice ? toNext : 0;
  const columnCounts: usize = rowIsSlice ? 0 : toNext;
  for (let row = 0; row < rows; row++) {
    let edge = edges;
    let count = counts;
    for (const end = x + ((<usize>columns) << 3); x < end; x += 8) {
      increase(count, slotOf(load<f64>(x), edge), 1);
      increase(count, ALL, 1);
      edge += columnEdges;
      count += columnCounts;
    }
    edges += rowEdges;
    counts += rowCounts;
  }
}
