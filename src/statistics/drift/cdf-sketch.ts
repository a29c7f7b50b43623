/**
 * A distribution function in at most 4 KB: its values at up to 250 of the values themselves, exact there for the sample it was
 * made of. Up to 250 different values it is the whole distribution, whatever their number. Otherwise the points lie evenly by
 * the arcsine of their rank, dense at the ends, as a t-digest spaces its centroids (Dunning and Ertl, "Computing extremely
 * accurate quantiles using t-digests", 2019), with a point at each decile. Sketches of parts merge.
 */
export interface CdfSketch {
  /** Ascending, each once. */
  values: Float64Array<ArrayBuffer>;
  /** How many of all values there are up to and with each of these; the last one is `count`. */
  ranks: Float64Array<ArrayBuffer>;
  /** The same as shares; the last one is 1. */
  shares: Float64Array<ArrayBuffer>;
  /** Whether all values between a point and the one before equal it: 1, or 0 where they lie in between. */
  isAtom: Uint8Array<ArrayBuffer>;
  /** How many values it stands for. */
  count: number;
  /** How many independent values its shares are as exact as; fewer than `count` where only some were looked at. */
  effectiveCount: number;
  /** How far merging may have moved a share. */
  error: number;
}

const maxPoints = 250;
const deciles = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** Numbers before the points: tag, count, effectiveCount, error. */
const headerLength = 4;
/** "NCS1": the first number of a sketch's bytes. */
const tag = 0x3153434e;

/**
 * @param sorted values without NaN, ascending
 * @param count how many values they were picked from at random
 */
export function createCdfSketch(sorted: Float64Array, count = sorted.length): CdfSketch {
  const n = sorted.length;
  const picked =
    runEnds(sorted, maxPoints) ??
    ranksToKeep().map((rank) => lastEqual(sorted, Math.min(n - 1, Math.round(rank * (n - 1)))));
  const ends = [...new Set(picked)];
  const values = Float64Array.from(ends, (end) => sorted[end]);
  // Without sampling these are whole numbers, which add up exactly when sketches merge.
  const ranks = Float64Array.from(ends, (end) => ((end + 1) * count) / n);
  const isAtom = Uint8Array.from(ends, (end, at) => {
    const begin = at === 0 ? 0 : ends[at - 1] + 1;
    return sorted[begin] === sorted[end] ? 1 : 0;
  });
  return withShares({ values, ranks, isAtom, count, effectiveCount: n, error: 0 });
}

function withShares(sketch: Omit<CdfSketch, 'shares'>): CdfSketch {
  const { ranks, count } = sketch;
  return { ...sketch, shares: ranks.map((rank) => rank / count) };
}

/** The last index of each run of equal values; undefined when there are more than `most`. */
function runEnds(sorted: Float64Array, most: number): number[] | undefined {
  const ends: number[] = [];
  for (let at = 0; at < sorted.length; at++) {
    if (at + 1 < sorted.length && sorted[at + 1] === sorted[at]) continue;
    if (ends.length === most) return undefined;
    ends.push(at);
  }
  return ends;
}

function lastEqual(sorted: Float64Array, from: number): number {
  let [low, high] = [from, sorted.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (sorted[middle] === sorted[from]) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Ranks between 0 and 1, ascending: as many as a sketch has points at most. */
function ranksToKeep(): number[] {
  const points = maxPoints - deciles.length;
  const even = Array.from({ length: points }, (_, at) => (1 - Math.cos((Math.PI * at) / (points - 1))) / 2);
  return [...even, ...deciles].sort((a, b) => a - b);
}

/** How many values there are up to and with `x`: a whole number where `x` is a point, and nothing was sampled. */
function rankAt(sketch: CdfSketch, x: number): number {
  const next = firstAbove(sketch.values, x);
  const isPoint =
    next > 0 && (sketch.values[next - 1] === x || next === sketch.values.length || sketch.isAtom[next] === 1);
  return isPoint ? sketch.ranks[next - 1] : cdfAt(sketch, x) * sketch.count;
}

/** The share of values ≤ x. */
export function cdfAt(sketch: CdfSketch, x: number): number {
  const { values, shares } = sketch;
  const next = firstAbove(values, x);
  if (next === 0) return 0;
  return next === values.length ? shares[next - 1] : shareBetween(sketch, next, x);
}

/** The share up to `x`, which lies from the point before `next` on and below `next`. */
export function shareBetween({ values, shares, isAtom }: CdfSketch, next: number, x: number): number {
  const before = next === 0 ? 0 : shares[next - 1];
  if (next === 0 || isAtom[next]) return before;
  const width = values[next] - values[next - 1];
  // Between infinite ends nothing is known but the step.
  if (!Number.isFinite(width)) return before;
  return before + (shares[next] - before) * ((x - values[next - 1]) / width);
}

/** The least point up to which a share of the values lies. */
export function pointOfShare({ values, shares }: CdfSketch, share: number): number {
  const at = shares.findIndex((one) => one >= share - 1e-12);
  return at < 0 ? NaN : values[at];
}

function firstAbove(values: Float64Array, x: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What one sketch of the values of both gives, nearly: exact where both are, and their values are few. */
export function mergeCdfSketches(a: CdfSketch, b: CdfSketch): CdfSketch {
  if (a.count === 0 || b.count === 0) return a.count === 0 ? b : a;
  const count = a.count + b.count;
  const [shareA, shareB] = [a.count / count, b.count / count];
  const values = Float64Array.from(new Set([...a.values, ...b.values])).sort();
  const ranks = values.map((x) => rankAt(a, x) + rankAt(b, x));
  const isAtom = Uint8Array.from(values, (x, at) =>
    isStep(a, x, values[at - 1]) && isStep(b, x, values[at - 1]) ? 1 : 0,
  );
  // A point of one lies somewhere between two of the other, whose share there is a guess.
  const guess = (Math.min(shareA, shareB) * Math.max(widestGap(a), widestGap(b))) / 4;
  const isSampled = a.effectiveCount < a.count || b.effectiveCount < b.count;
  const effectiveCount = isSampled ? 1 / (shareA ** 2 / a.effectiveCount + shareB ** 2 / b.effectiveCount) : count;
  const error = Math.hypot(shareA * a.error, shareB * b.error, guess);
  return thin(withShares({ values, ranks, isAtom, count, effectiveCount, error }));
}

/** Whether a sketch has no values strictly between two neighbouring points of the merged one. */
function isStep(sketch: CdfSketch, x: number, before: number | undefined): boolean {
  const next = firstAbove(sketch.values, before ?? -Infinity);
  if (next >= sketch.values.length || next === 0) return next >= sketch.values.length || sketch.values[0] >= x;
  return sketch.isAtom[next] === 1 && sketch.values[next] >= x;
}

/** How far a share between two points may be from the truth: what merging has moved, and what a straight line misses. */
export function rankError(sketch: CdfSketch): number {
  return sketch.error + widestGap(sketch) / 8;
}

/** The largest share that lies between two neighbouring points and not at one of them. */
function widestGap({ shares, isAtom }: CdfSketch): number {
  return shares.reduce((most, share, at) => (isAtom[at] ? most : Math.max(most, share - (shares[at - 1] ?? 0))), 0);
}

/** As many points as a sketch may have. */
function thin(sketch: CdfSketch): CdfSketch {
  const { values, ranks, shares, isAtom } = sketch;
  if (values.length <= maxPoints) return sketch;
  const kept = new Set<number>([0, values.length - 1]);
  let at = 0;
  for (const rank of ranksToKeep()) {
    while (at + 1 < values.length && Math.abs(shares[at + 1] - rank) <= Math.abs(shares[at] - rank)) at++;
    kept.add(at);
  }
  const indexes = [...kept].sort((one, other) => one - other).slice(-maxPoints);
  return withShares({
    ...sketch,
    values: Float64Array.from(indexes, (index) => values[index]),
    ranks: Float64Array.from(indexes, (index) => ranks[index]),
    isAtom: Uint8Array.from(indexes, (index, place) =>
      isAtom[index] && (indexes[place - 1] ?? -1) === index - 1 ? 1 : 0,
    ),
  });
}

/** Float64 numbers, little-endian: tag, count, effective count, error, then value and rank of each point, negative for no atom. */
export function cdfSketchToBytes(sketch: CdfSketch): Uint8Array<ArrayBuffer> {
  const { values, ranks, isAtom, count, effectiveCount, error } = sketch;
  const numbers = new Float64Array(headerLength + 2 * values.length);
  numbers.set([tag, count, effectiveCount, error]);
  values.forEach((value, at) => numbers.set([value, isAtom[at] ? ranks[at] : -ranks[at]], headerLength + 2 * at));
  return new Uint8Array(numbers.buffer);
}

/**
 * The inverse of `cdfSketchToBytes`.
 * @throws RangeError when the bytes are no sketch
 */
export function cdfSketchFromBytes(bytes: Uint8Array): CdfSketch {
  const points = bytes.length / 16 - headerLength / 2;
  refuseUnless(Number.isInteger(points) && points >= 0 && points <= maxPoints);
  const numbers = new Float64Array(new Uint8Array(bytes).buffer);
  const [found, count, effectiveCount, error] = numbers;
  const values = Float64Array.from({ length: points }, (_, at) => numbers[headerLength + 2 * at]);
  const signed = Float64Array.from({ length: points }, (_, at) => numbers[headerLength + 2 * at + 1]);
  const ranks = signed.map(Math.abs);
  refuseUnless(found === tag && count >= 0 && effectiveCount >= 0 && effectiveCount <= count && error >= 0);
  refuseUnless((points === 0) === (count === 0) && (points === 0 || ranks[points - 1] === count));
  refuseUnless(values.every((value, at) => !Number.isNaN(value) && (at === 0 || value > values[at - 1])));
  refuseUnless(ranks.every((rank, at) => rank >= (ranks[at - 1] ?? 0) && rank <= count));
  const isAtom = Uint8Array.from(signed, (rank) => (rank > 0 ? 1 : 0));
  return withShares({ values, ranks, isAtom, count, effectiveCount, error });
}

function refuseUnless(isValid: boolean): void {
  if (!isValid) throw new RangeError('These bytes are no sketch of a distribution function.');
}
