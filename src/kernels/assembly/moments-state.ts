// What is known of a slice's moments: fields count, mean, mean_low, m2, m3, m4, exponent, each `field` bytes after the one
// before. Tiles and blocks meet by the pairwise formulas of Chan, Golub and LeVeque (1983) and of Pébay (2008,
// SAND2008-6212), with the mean in two doubles, so that a mean of 10^8 deviations still merges to the last digits.
// The means are in units of 2^exponent, and the sums of k-th powers in units of 2^(k exponent). The exponent is 0 as long
// as the fourth moment stays where no power has lost a digit; only what does not is scaled.
import { exponentOf, scaleBy } from './binary-scale';

const SAFE_LEAST: f64 = 1e-270;
const SAFE_MOST: f64 = 1e300;

/** The same for logarithms to base 2 that are known up to a few units. */
const SAFE_LEAST_LOG: f64 = -880;
const SAFE_MOST_LOG: f64 = 980;

/** What has no logarithm because it is 0. */
export const NOTHING: f64 = -1e9;

/** Whether a fourth moment, or a sum of fourth powers, shows that no power of a difference left the range of a double. */
@inline
export function isSafe(fourth: f64): bool {
  return fourth >= SAFE_LEAST && fourth <= SAFE_MOST;
}

/**
 * The exponent of a state.
 * @param deviation log2 of the largest deviation, up to a few units, or `NOTHING`
 * @param count number of values, or the sum of their weights
 */
export function stateExponent(deviation: f64, count: f64): f64 {
  if (deviation == NOTHING) return 0;
  const size = exponentOf(count);
  const fourth = 4 * deviation + size;
  return fourth >= SAFE_LEAST_LOG && fourth <= SAFE_MOST_LOG ? 0 : floor(deviation) + floor(size / 4);
}

/** Adds `(count, mean + rest, m2, m3, m4)` in units of 2^exponent to the state of a slice. */
export function mergeMoments(
  state: usize,
  field: usize,
  count: f64,
  mean: f64,
  rest: f64,
  m2: f64,
  m3: f64,
  m4: f64,
  exponent: f64,
): void {
  // A NaN among the values makes the mean NaN, even where nothing else is to be counted.
  if (count == 0 && mean == mean) return;
  const at1 = state + field, at2 = at1 + field, at3 = at2 + field, at4 = at3 + field, at5 = at4 + field;
  const seen = load<f64>(state);
  const total = seen + count;
  store<f64>(state, total);
  const mean0 = load<f64>(at1), rest0 = load<f64>(at2);
  if (seen == 0 && mean0 == mean0) {
    storeMean(at1, at2, mean, rest);
    store<f64>(at3, m2);
    store<f64>(at4, m3);
    store<f64>(at5, m4);
    store<f64>(at5 + field, exponent);
    return;
  }
  const a2 = load<f64>(at3), a3 = load<f64>(at4), a4 = load<f64>(at5);
  const exponent0 = load<f64>(at5 + field);
  const delta = mean - mean0 + (rest - rest0);
  if (exponent == 0 && exponent0 == 0) {
    if (mergeAlike(state, field, seen, total, mean0, rest0, a2, a3, a4, delta, count, m2, m3, m4)) return;
  }
  if (mean - mean != 0 || mean0 - mean0 != 0) {
    // An infinity went through: the mean is that infinity (or NaN where both met), the rest is undefined.
    storeMean(at1, at2, mean0 + mean, 0);
    store<f64>(at3, NaN);
    store<f64>(at4, NaN);
    store<f64>(at5, NaN);
    return;
  }
  // The means in a unit near the larger of them, so that their difference is exact whatever the units of the states.
  const unit = max(realExponent(mean0, exponent0), realExponent(mean, exponent));
  const known = unit != NOTHING;
  const apart = known
    ? scaleBy(mean, exponent - unit) - scaleBy(mean0, exponent0 - unit)
      + (scaleBy(rest, exponent - unit) - scaleBy(rest0, exponent0 - unit))
    : 0;
  const deviation = max(realExponent(apart, unit),
    max(deviationOf(a2, seen, exponent0), deviationOf(m2, count, exponent)));
  const common = stateExponent(deviation, total);
  const by0 = exponent0 - common, by = exponent - common;
  store<f64>(at5 + field, common);
  mergeAlike(state, field, seen, total, scaleBy(mean0, by0), scaleBy(rest0, by0), scaleBy(a2, 2 * by0),
    scaleBy(a3, 3 * by0), scaleBy(a4, 4 * by0), known ? scaleBy(apart, unit - common) : 0, count, scaleBy(m2, 2 * by),
    scaleBy(m3, 3 * by), scaleBy(m4, 4 * by), true);
}

/** log2 of a value in units of 2^exponent, rounded down. */
function realExponent(value: f64, exponent: f64): f64 {
  return value == 0 ? NOTHING : exponentOf(value) + exponent;
}

function deviationOf(m2: f64, count: f64, exponent: f64): f64 {
  return m2 > 0 ? (exponentOf(m2) - exponentOf(count)) / 2 + exponent : NOTHING;
}

/**
 * Stores the moments of two states in the same unit.
 * @returns false, and nothing done, where they leave the safe range, unless they are `scaled`
 */
@inline
function mergeAlike(
  state: usize,
  field: usize,
  seen: f64,
  total: f64,
  mean0: f64,
  rest0: f64,
  a2: f64,
  a3: f64,
  a4: f64,
  delta: f64,
  count: f64,
  m2: f64,
  m3: f64,
  m4: f64,
  scaled: bool = false,
): bool {
  const share = count / total, share0 = seen / total;
  const delta2 = delta * delta;
  const fourth = a4 + m4 + delta2 * delta2 * seen * share * (share0 * share0 - share0 * share + share * share)
    + 6 * delta2 * (share0 * share0 * m2 + share * share * a2) + 4 * delta * (share0 * m3 - share * a3);
  if (!scaled && !isSafe(fourth) && !(delta == 0 && a2 == 0 && m2 == 0)) return false;
  const at1 = state + field, at2 = at1 + field, at3 = at2 + field, at4 = at3 + field, at5 = at4 + field;
  storeMean(at1, at2, mean0, rest0 + delta * share);
  store<f64>(at3, a2 + m2 + delta2 * seen * share);
  store<f64>(at4, a3 + m3 + delta2 * delta * seen * share * (share0 - share) + 3 * delta * (share0 * m2 - share * a2));
  store<f64>(at5, fourth);
  return true;
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

/** The tile's own moments from sums of powers of the differences to a value near its mean, all in units of 2^exponent. */
@inline
export function addTile(
  state: usize,
  field: usize,
  count: f64,
  near: f64,
  s1: f64,
  s2: f64,
  s3: f64,
  s4: f64,
  exponent: f64 = 0,
): void {
  const share = s1 / count;
  const rest = share - share == 0 ? share : 0;
  const m2 = s2 - rest * s1;
  const m3 = s3 - 3 * rest * s2 + 2 * rest * rest * s1;
  const m4 = s4 - 4 * rest * s3 + 6 * rest * rest * s2 - 3 * rest * rest * rest * s1;
  mergeMoments(state, field, count, near, rest, m2 < 0 ? 0 : m2, m3, m4 < 0 ? 0 : m4, exponent);
}

/** Merges the states of `slices` slices: `from` into `into`, each with its own distance between fields. */
export function moments_merge(slices: i32, from: usize, fromField: usize, into: usize, intoField: usize): void {
  for (let slice = 0; slice < slices; slice++) {
    const a = from + ((<usize>slice) << 3);
    mergeMoments(into + ((<usize>slice) << 3), intoField, load<f64>(a), load<f64>(a + fromField), load<f64>(a + 2 * fromField),
      load<f64>(a + 3 * fromField), load<f64>(a + 4 * fromField), load<f64>(a + 5 * fromField), load<f64>(a + 6 * fromField));
  }
}
