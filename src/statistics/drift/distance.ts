import { type CdfSketch, shareBetween } from './cdf-sketch.ts';

/** How far a sample is from a distribution that a sketch knows. */
export interface Distances {
  /** Kolmogorov and Smirnov's: the largest difference of the distribution functions. */
  ks: number;
  /** The first Wasserstein distance: the area between the distribution functions, in the unit of the values. */
  wasserstein: number;
}

/**
 * Both in one walk over the points where either distribution function bends or steps; between them the sample's is flat and the sketch's straight.
 * @param sorted values without NaN, ascending
 */
export function distancesTo(sketch: CdfSketch, sorted: Float64Array): Distances {
  const { values, shares, isAtom } = sketch;
  const n = sorted.length;
  if (n === 0 || values.length === 0) return { ks: NaN, wasserstein: NaN };
  let ks = 0;
  let area = 0;
  let [point, counted] = [0, 0];
  let [x, fitted, seen] = [NaN, 0, 0];
  while (point < values.length || counted < n) {
    const next = Math.min(values[point] ?? Infinity, sorted[counted] ?? Infinity);
    const isPoint = values[point] === next;
    const fittedBefore =
      point === values.length ? 1 : isPoint && !isAtom[point] ? shares[point] : shareBetween(sketch, point, next);
    ks = Math.max(ks, Math.abs(fittedBefore - seen));
    if (!Number.isNaN(x)) area += areaBetween(fitted - seen, fittedBefore - seen, next - x);
    while (sorted[counted] === next) counted++;
    seen = counted / n;
    fitted = isPoint ? shares[point++] : fittedBefore;
    ks = Math.max(ks, Math.abs(fitted - seen));
    x = next;
  }
  return { ks, wasserstein: area };
}

/** The area between zero and a straight line from height `a` to height `b`. */
function areaBetween(a: number, b: number, width: number): number {
  if (a === 0 && b === 0) return 0;
  const height = a * b >= 0 ? Math.abs(a + b) / 2 : (a * a + b * b) / (2 * Math.abs(a - b));
  return height * width;
}
