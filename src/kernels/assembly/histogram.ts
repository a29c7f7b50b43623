// Counts of values between evenly spaced edges, by the rules of numpy.histogram.

/** The bin of a value from the first to the last edge, corrected by the edges themselves. */
@inline
function binOf(value: f64, first: f64, width: f64, edges: usize, bins: i32): i32 {
  let share = (value - first) / width;
  if (width == Infinity) {
    const last = load<f64>(edges + ((<usize>bins) << 3));
    share = (value * 0.5 - first * 0.5) / (last * 0.5 - first * 0.5);
  }
  let bin = min(<i32>(share * <f64>bins), bins - 1);
  const edge = edges + ((<usize>bin) << 3);
  if (value < load<f64>(edge)) bin--;
  else if (bin < bins - 1 && value >= load<f64>(edge, 8)) bin++;
  return bin;
}

/**
 * Adds a row of `count` values to the counts of its slice, `field` bytes from bin to bin. In a run of equal values, such
 * as a picture's background, the bin of the value before is taken again, and every increment of its counter would wait
 * for the one before: the run is counted in a register.
 */
function countRow(x: usize, count: i32, edges: usize, bins: i32, counts: usize, field: usize): void {
  const first = load<f64>(edges);
  const last = load<f64>(edges + ((<usize>bins) << 3));
  const width = last - first;
  const end = x + ((<usize>count) << 3);
  while (x < end) {
    const value = load<f64>(x);
    const start = x;
    do x += 8; while (x < end && load<f64>(x) == value);
    if (!(value >= first && value <= last)) continue;
    const counter = counts + <usize>binOf(value, first, width, edges, bins) * field;
    store<f64>(counter, load<f64>(counter) + <f64>((x - start) >> 3));
  }
}

/**
 * Adds a float64 tile, each row of which belongs to one slice, to the counts of its slices; NaN and values outside the
 * edges are left out.
 * @param edges of the tile's first slice, `bins + 1` for each
 */
export function bin_counts(x: usize, rows: i32, columns: i32, edges: usize, bins: i32, state: usize, field: usize): void {
  for (let row = 0; row < rows; row++) {
    countRow(x, columns, edges, bins, state + ((<usize>row) << 3), field);
    x += (<usize>columns) << 3;
    edges += (<usize>(bins + 1)) << 3;
  }
}
