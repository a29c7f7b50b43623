import { kernels, copyIn, withScratch } from '#kernels/kernels.ts';
import { minimize } from './minimize.ts';

/** The tolerance of scipy.optimize.brent and, for λ, of scipy.stats.yeojohnson_normmax. */
const lambdaTolerance = 1.48e-8;

/** Logarithms of magnitudes whose squares, sums of those included, neither underflow nor overflow. */
const logOfNarrowest = (Math.log(2 ** -1022) - Math.log(Number.EPSILON)) / 2;
const logOfWidest = (Math.log(Number.MAX_VALUE) + Math.log(Number.EPSILON)) / 2;

/** A rate that is too close to 0 for its division; what grows by it is a straight line. */
const flatRate = 1e-20;

/** Bounds that are finite, and whose difference is. */
const widest = 2 ** 1000;

/** Values shall span this share of their magnitude: then 8 of float64's 52 bits tell them apart. */
const leastSpan = 2 ** -44;

/** e to minus this is less than `leastSpan`. */
const spanless = 32;

type Cost = (lambda: number) => number;

/**
 * The λ of Yeo and Johnson's power transform (Biometrika 87, 2000) that makes a slice without NaN most normal: the
 * greatest −n/2·log var(y) + (λ−1)·Σ sign(x)·log1p|x|, as scipy.stats.yeojohnson searches it since 1.12, within bounds
 * that keep values 20 times as large, and their variance, finite. SciPy's likelihood is lost in rounding where the
 * variance is; here that is taken in units of the values' own spread. A constant slice has λ = 1 (scikit-learn since
 * 1.3), and so has one whose values differ in the last bits only, which every λ maps alike; an empty slice, or one with
 * an infinity, has λ = NaN.
 * @param isRelative whether values are transformed relative to a reference, so that no λ makes float64 take them for equal
 */
export function yeoJohnsonLambda(values: Float64Array, isRelative = false): number {
  const [least, most] = ends(values);
  if (!Number.isFinite(least) || !Number.isFinite(most)) return NaN;
  if (least === most) return 1;
  const [low, high] = yeoJohnsonBounds(least, most);
  return withScratch(() => {
    if (least < 0 && most > 0) {
      const scale = Math.log1p(Math.max(-least, most));
      return leastWithin(twoSidedCost(placeLogs(values, 0, 1, scale, true)), scale, low, high);
    }
    // Values below 0 are the mirror image of those above: x becomes −x, and λ becomes 2 − λ.
    const near = Math.min(Math.abs(least), Math.abs(most));
    const far = Math.max(Math.abs(least), Math.abs(most));
    const scale = Math.log1p((far - near) / (1 + near));
    const log = Math.log1p(near);
    if (spanOf(1, log, scale) < leastSpan) return 1;
    const cost = growthCost(placeLogs(values, near, 1 + near, scale, false));
    const resolved = resolvedFrom(low, log, scale);
    const found = leastWithin(cost, scale, resolved, high);
    const rate = isRelative && isAtEnd(found, resolved) ? leastWithin(cost, scale, low, resolved) : found;
    return most > 0 ? rate : 2 - rate;
  });
}

/**
 * The λ of Box and Cox's power transform (JRSS B 26, 1964) that makes a slice without NaN most normal, as
 * scipy.stats.boxcox: the greatest (λ−1)·Σ log x − n/2·log var(y), of those that keep y and its variance finite.
 * (SciPy keeps y finite since 1.12; its variance, by which y is standardized, may overflow.) NaN, to be reported as an
 * error, for a constant or empty slice and where a value is not positive and finite.
 * @param isRelative whether values are transformed relative to a reference: then any λ keeps them finite and apart
 */
export function boxCoxLambda(values: Float64Array, isRelative = false): number {
  const [least, most] = ends(values);
  if (!(least > 0) || !Number.isFinite(most) || least === most) return NaN;
  const quotient = (most - least) / least;
  const scale = quotient < Infinity ? Math.log1p(quotient) : Math.log(most) - Math.log(least);
  return withScratch(() => {
    const cost = growthCost(placeLogs(values, least, least, scale, false));
    if (least < 1 && most > 1) {
      return search(cost, scale, -rateLimit(-Math.log(least)), 0, rateLimit(Math.log(most)));
    }
    // Values up to 1 are those from 1 on with x as 1 / x, and λ as −λ.
    const mirrored = most <= 1;
    const near = Math.abs(Math.log(mirrored ? most : least));
    if (spanOf(1, near, scale) < leastSpan) return mirrored ? -1 : 1;
    const high = rateLimit(near + scale);
    const low = resolvedFrom(-Infinity, near, scale);
    const ownCost: Cost = mirrored ? (lambda) => cost(-lambda) : cost;
    const found = search(ownCost, scale, low, Math.min(1, high), high);
    const isBounded = isRelative && (isAtEnd(found, low) || isAtEnd(found, high));
    const rate = isBounded ? search(ownCost, scale, -widest, found, widest) : found;
    return mirrored ? -rate : rate;
  });
}

function ends(values: Float64Array): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/**
 * Where scipy.stats.yeojohnson_normmax searches (scipy#18852): the logarithms of what 20 times the largest magnitude
 * becomes stay within half of float64's range. Where all values are below 0 they hold for 2 − λ.
 */
function yeoJohnsonBounds(least: number, most: number): [number, number] {
  const largest = Math.max(-least, most);
  const unit = largest < 1e300 ? Math.log1p(20 * largest) : Math.log(20) + Math.log(largest);
  const low = Math.max(logOfNarrowest / unit, -widest);
  const high = Math.min(logOfWidest / unit, widest);
  if (least >= 0 || most < 0) return [low, high];
  // Values of both signs beyond 1e160 leave nothing but λ = 1.
  return [Math.min(Math.max(2 - high, low), 1), Math.max(Math.min(2 - low, high), 1)];
}

/** Logarithms of a slice in the kernels' memory, in units of `scale`, their greatest magnitude. */
interface Logs {
  at: number;
  count: number;
  scale: number;
  mean: number;
}

function placeLogs(values: Float64Array, origin: number, base: number, scale: number, signed: boolean): Logs {
  const at = copyIn(values);
  const count = values.length;
  return { at, count, scale, mean: kernels.power_logs(at, count, origin, base, scale, signed) };
}

/**
 * Minus the log-likelihood of a λ, for a value and up to a constant, when y is (e^(λ·log) − 1)/λ for every value. Its
 * exponential is taken relative to the greatest one: the factor this takes out of the variance is a term of the
 * likelihood, and what remains is at most 1, so that nothing overflows and no digits cancel.
 */
function growthCost({ at, count, scale, mean }: Logs): Cost {
  return (lambda) => {
    const rate = notFlat(lambda * scale);
    const top = rate > 0 ? 1 : 0;
    return halfLog(kernels.power_variance(at, count, top, rate, rate)) + rate * (top - mean);
  };
}

/** The same where values of both signs grow by λ above 0 and by 2 − λ below. */
function twoSidedCost({ at, count, scale, mean }: Logs): Cost {
  return (lambda) => {
    const variance = kernels.power_variance(at, count, 0, notFlat(lambda * scale), notFlat((lambda - 2) * scale));
    return halfLog(variance) - lambda * scale * mean;
  };
}

function notFlat(rate: number): number {
  return Math.abs(rate) < flatRate ? flatRate : rate;
}

/** Infinity for a variance of zero, which makes the likelihood invalid. */
function halfLog(variance: number): number {
  return variance > 0 ? Math.log(variance) / 2 : Infinity;
}

/** The share of its magnitude that y spans under λ, where logarithms run from `near`, 0 or more, over `spread`. */
function spanOf(lambda: number, near: number, spread: number): number {
  const far = near + spread;
  if (lambda > 0) return Math.expm1(-lambda * spread) / Math.expm1(-lambda * far);
  return lambda < 0 ? (Math.exp(lambda * near) * Math.expm1(lambda * spread)) / Math.expm1(lambda * far) : spread / far;
}

/**
 * The least λ from `low` on under which float64 can tell y apart: at λ = −10 every year since 1900 becomes 0.1. There
 * SciPy's variance is rounding noise, or 0 and its likelihood infinite and rejected. Under λ = 1 it can.
 */
function resolvedFrom(low: number, near: number, spread: number): number {
  let unresolved = Math.max(low, -spanless / near);
  if (unresolved === -Infinity || spanOf(unresolved, near, spread) >= leastSpan) return unresolved;
  let resolved = 1;
  while (resolved - unresolved > lambdaTolerance * Math.max(1, Math.abs(resolved))) {
    const middle = (resolved + unresolved) / 2;
    if (spanOf(middle, near, spread) >= leastSpan) resolved = middle;
    else unresolved = middle;
  }
  return resolved;
}

/** Whether a search ended at a bound of its, so that the least cost may lie beyond. */
function isAtEnd(rate: number, bound: number): boolean {
  return Math.abs(rate - bound) <= 1e-4 * Math.max(1, Math.abs(bound));
}

/** The greatest rate at which e^(rate·log)/rate, and a variance of such values, stay finite. */
function rateLimit(log: number): number {
  let rate = logOfWidest / log;
  for (let round = 0; round < 8; round++) rate = (logOfWidest + Math.log(rate)) / log;
  return rate;
}

/**
 * The λ of least cost between bounds that may be far or infinite. Minus the likelihood is convex (Kouider and Chen
 * 1995, Statistics & Probability Letters 25), so the minimum lies before a cost that is above the one halfway to it.
 */
function search(cost: Cost, scale: number, low: number, home: number, high: number): number {
  const ahead = (direction: number, bound: number): number => {
    let reach = direction * (4 / scale);
    while (Math.abs(reach) < Math.abs(bound - home) && cost(home + reach) < cost(home + reach / 2)) reach *= 2;
    return home + reach;
  };
  return leastWithin(cost, scale, Math.max(ahead(-1, low), low), Math.min(ahead(1, high), high));
}

/** The λ of least cost. Values whose logarithms hardly differ have a λ that is as large, and as uncertain. */
function leastWithin(cost: Cost, scale: number, low: number, high: number): number {
  return minimize(cost, low, high, lambdaTolerance * Math.max(1, Math.min(1 / scale, high - low)));
}
