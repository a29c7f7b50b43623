// What is known of a slice's moments: fields count, mean, mean_low, m2, m3, m4, each `field` bytes after the one before. Tiles
// and blocks meet by the pairwise formulas of Chan, Golub and LeVeque (1983) and of Pébay (2008, SAND2008-6212), with the
// mean in two doubles, so that a mean of 10^8 deviations still merges to the last digits.

/** Adds `(count, mean + rest, m2, m3, m4)` to the state of a slice. */
function mergeMoments(state: usize, field: usize, count: f64, mean: f64, rest: f64, m2: f64, m3: f64, m4: f64): void {
  if (count == 0) return;
  const at1 = state + field, at2 = at1 + field, at3 = at2 + field, at4 = at3 + field, at5 = at4 + field;
  const seen = load<f64>(state);
  const total = seen + count;
  store<f64>(state, total);
  if (seen == 0) {
    storeMean(at1, at2, mean, rest);
    store<f64>(at3, m2);
    store<f64>(at4, m3);
    store<f64>(at5, m4);
    return;
  }
  const mean0 = load<f64>(at1), rest0 = load<f64>(at2);
  const a2 = load<f64>(at3), a3 = load<f64>(at4), a4 = load<f64>(at5);
  const delta = mean - mean0 + (rest - rest0);
  if (delta - delta != 0) {
    // An infinity went through: the mean is that infinity (or NaN where both met), the rest is undefined.
    storeMean(at1, at2, mean0 + mean, 0);
    store<f64>(at3, NaN);
    store<f64>(at4, NaN);
    store<f64>(at5, NaN);
    return;
  }
  const share = count / total, share0 = seen / total;
  const delta2 = delta * delta;
  storeMean(at1, at2, mean0, rest0 + delta * share);
  store<f64>(at3, a2 + m2 + delta2 * seen * share);
  store<f64>(at4, a3 + m3 + delta2 * delta * seen * share * (share0 - share) + 3 * delta * (share0 * m2 - share * a2));
  store<f64>(at5, a4 + m4 + delta2 * delta2 * seen * share * (share0 * share0 - share0 * share + share * share)
    + 6 * delta2 * (share0 * share0 * m2 + share * share * a2) + 4 * delta * (share0 * m3 - share * a3));
}

/** Stores a mean as the nearest double and what that leaves out. */
@inline
function storeMean(high: usize, low: usize, mean: f64, rest: f64): void {
  const sum = mean + rest;
  store<f64>(high, sum);
  const part = sum - mean;
  const error = mean - (sum - part) + (rest - part);
  store<f64>(low, error - error == 0 ? error : 0);
}

/** The tile's own moments from sums of powers of the differences to a value near its mean. */
@inline
export function addTile(state: usize, field: usize, count: f64, near: f64, s1: f64, s2: f64, s3: f64, s4: f64): void {
  const share = s1 / count;
  const rest = share - share == 0 ? share : 0;
  const m2 = s2 - rest * s1;
  const m3 = s3 - 3 * rest * s2 + 2 * rest * rest * s1;
  const m4 = s4 - 4 * rest * s3 + 6 * rest * rest * s2 - 3 * rest * rest * rest * s1;
  mergeMoments(state, field, count, near, rest, m2 < 0 ? 0 : m2, m3, m4 < 0 ? 0 : m4);
}

/** Merges the states of `slices` slices: `from` into `into`, each with its own distance between fields. */
export function moments_merge(slices: i32, from: usize, fromField: usize, into: usize, intoField: usize): void {
  for (let slice = 0; slice < slices; slice++) {
    const a = from + ((<usize>slice) << 3);
    mergeMoments(into + ((<usize>slice) << 3), intoField, load<f64>(a), load<f64>(a + fromField), load<f64>(a + 2 * fromField),
      load<f64>(a + 3 * fromField), load<f64>(a + 4 * fromField), load<f64>(a + 5 * fromField));
  }
}
