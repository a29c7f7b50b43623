import { max, min } from 'd3-array';
import type { Candidate, ProbeName } from './candidates.ts';
import type { ColumnProfile } from './columns.ts';
import { type Danger, zeroShare } from './dangers.ts';
import { judge, type Verdict } from './judge.ts';

/** Families of models that normalization matters to in different ways. */
type Family = 'distance_based' | 'gradient_descent' | 'trees';

/** Why a family of models is advised something. */
export type ReasonCode =
  | 'scores'
  | 'unlike_scales'
  | 'like_scales'
  | 'one_unit'
  | 'skewed'
  | 'outliers'
  | 'sparse'
  | 'conditioning'
  | 'order_alone_counts'
  | 'labels_would_tell';

/** What one family of models is advised. */
export interface Advice {
  family: Family;
  /** What it rests on. */
  basis: 'labels' | 'data' | 'theory';
  /** The candidates to use, in their order. Several do not differ as far as these data tell. */
  candidates: number[];
  reasons: ReasonCode[];
  /** Under the probe that decides, where there are labels. */
  verdict?: Verdict;
}

/** Scales that differ by no more than this factor are alike. */
const alike = 4;

/** Condition numbers within this factor of the least do not differ. */
const sameConditioning = 3;

/** The least stable step with which the learning rates that people try first still learn. */
const usualStep = 1e-3;

/** The skewness from which a column has a heavy tail: that of the moments, and that of the quartiles, which outliers do not move. */
const heavyTail = { moments: 2, quartiles: 0.3 };

/** The share of zeros from which data are sparse. */
const sparse = 0.5;

/** The probe that decides for each family. */
export const decidingProbe = {
  distance_based: 'nearest_neighbors',
  gradient_descent: 'hidden_network',
} as const satisfies Partial<Record<Family, ProbeName>>;

/**
 * What each family of models is advised, by the probes where there are labels, otherwise as far as the data justify it.
 * @param candidates the data as they are first
 * @param isClassifier of the labels; undefined without
 * @param dangers what is left out without labels
 * @param sharesUnit whether all columns have one unit, as pixels have
 */
export function advise(
  candidates: readonly Candidate[],
  isClassifier: boolean | undefined,
  dangers: readonly Danger[],
  sharesUnit: boolean,
): Advice[] {
  const shape = shapeOf(candidates[0].columns, sharesUnit);
  const safe = [...candidates.keys()].filter((i) => !dangers.some(({ candidate }) => candidate === i));
  return [
    adviseDistances(candidates, isClassifier, shape, safe),
    adviseGradients(candidates, isClassifier, shape, safe),
    { family: 'trees', basis: 'theory', candidates: [0], reasons: ['order_alone_counts'] },
  ];
}

/** What the data as they are look like. */
interface Shape {
  /** The ratio of the largest to the smallest scale of a column. */
  scaleRatio: number;
  skewedShare: number;
  hasOutliers: boolean;
  isSparse: boolean;
  sharesUnit: boolean;
}

function shapeOf(columns: readonly ColumnProfile[], sharesUnit: boolean): Shape {
  const varied = columns.filter(({ std }) => std > 0);
  return {
    scaleRatio: scaleRatio(columns),
    skewedShare: varied.filter(isSkewed).length / Math.max(1, varied.length),
    hasOutliers: varied.some(({ sentinel, outlierShare }) => sentinel !== undefined || outlierShare > 0.01),
    isSparse: !sharesUnit && zeroShare(columns) > sparse,
    sharesUnit,
  };
}

function adviseDistances(
  candidates: readonly Candidate[],
  isClassifier: boolean | undefined,
  shape: Shape,
  safe: number[],
): Advice {
  const family = 'distance_based';
  const verdict = verdictOf(candidates, decidingProbe[family], isClassifier);
  const reasons = dataReasons(shape);
  if (verdict) {
    // Where scaling makes no difference, unlike scales are no reason for anything.
    const others = verdict.equals.includes(0) ? [] : reasons;
    return { family, basis: 'labels', candidates: verdict.equals, reasons: ['scores', ...others], verdict };
  }
  return {
    family,
    basis: 'data',
    candidates: byScales(candidates, shape, safe),
    reasons: [...reasons, 'labels_would_tell'],
  };
}

function adviseGradients(
  candidates: readonly Candidate[],
  isClassifier: boolean | undefined,
  shape: Shape,
  safe: number[],
): Advice {
  const family = 'gradient_descent';
  const verdict = verdictOf(candidates, decidingProbe[family], isClassifier);
  if (verdict) {
    const reasons: ReasonCode[] = ['scores', 'conditioning'];
    return { family, basis: 'labels', candidates: verdict.equals, reasons, verdict };
  }
  const reasons: ReasonCode[] = ['conditioning', ...dataReasons(shape), 'labels_would_tell'];
  return { family, basis: 'data', candidates: byConditioning(candidates, shape, safe), reasons };
}

function verdictOf(
  candidates: readonly Candidate[],
  probe: ProbeName,
  isClassifier: boolean | undefined,
): Verdict | undefined {
  if (isClassifier === undefined) return undefined;
  return judge(
    candidates.map(({ probes }) => probes?.[probe]),
    isClassifier,
  );
}

function dataReasons({ scaleRatio: ratio, skewedShare, hasOutliers, isSparse, sharesUnit }: Shape): ReasonCode[] {
  if (sharesUnit) return ['one_unit'];
  const reasons: ReasonCode[] = [ratio > alike ? 'unlike_scales' : 'like_scales'];
  if (skewedShare > 0) reasons.push('skewed');
  if (hasOutliers) reasons.push('outliers');
  if (isSparse) reasons.push('sparse');
  return reasons;
}

/** Where columns are alike the data may stay as they are; otherwise what makes them so, tails drawn in, zeros kept. */
function byScales(candidates: readonly Candidate[], shape: Shape, safe: number[]): number[] {
  if (shape.sharesUnit || (shape.scaleRatio <= alike && shape.skewedShare < 0.5)) return [0];
  let left = safe.filter((i) => !candidates[i].isPerSample);
  left = narrow(left, (i) =>
    shape.isSparse ? zeroShare(candidates[i].columns) >= 0.9 * zeroShare(candidates[0].columns) : true,
  );
  left = narrow(left, (i) => scaleRatio(candidates[i].columns) <= alike);
  if (shape.skewedShare >= 0.25)
    left = narrow(left, (i) => worstSkewness(candidates[i]) < worstSkewness(candidates[0]) / 2);
  return left;
}

function byConditioning(candidates: readonly Candidate[], shape: Shape, safe: number[]): number[] {
  const known = safe.filter((i) => candidates[i].conditioning && !candidates[i].isPerSample);
  if (known.length === 0) return byScales(candidates, shape, safe);
  const kappa = (i: number) => candidates[i].conditioning?.conditionNumber ?? Infinity;
  const kept = narrow(known, (i) =>
    shape.isSparse ? zeroShare(candidates[i].columns) >= 0.9 * zeroShare(candidates[0].columns) : true,
  );
  const stable = narrow(kept, (i) => (candidates[i].conditioning?.maxLearningRate ?? 0) >= usualStep);
  const least = Math.min(...stable.map(kappa));
  return stable.filter((i) => kappa(i) <= sameConditioning * least);
}

/** Those that pass, or all where none does. */
function narrow(indexes: number[], passes: (index: number) => boolean): number[] {
  const passed = indexes.filter(passes);
  return passed.length > 0 ? passed : indexes;
}

/** Whether a column has a tail on one side, and not just a few values far away. */
export function isSkewed({ skewness, quartiles: [low, median, high] }: ColumnProfile): boolean {
  const ofQuartiles = high > low ? (high + low - 2 * median) / (high - low) : 0;
  return Math.abs(skewness) > heavyTail.moments && Math.abs(ofQuartiles) > heavyTail.quartiles;
}

function worstSkewness({ columns }: Candidate): number {
  return max(columns, ({ skewness }) => Math.abs(skewness) || 0) ?? 0;
}

/** The ratio of the largest to the smallest scale of the columns that vary: of most values, whatever a few outliers do. */
export function scaleRatio(columns: readonly ColumnProfile[]): number {
  const scales = columns.map(scaleOf).filter((scale) => scale > 0);
  return (max(scales) ?? 1) / (min(scales) ?? 1);
}

/** The quartiles' distance as the deviation that it is for a normal distribution; of a column that is mostly one value the deviation itself. */
function scaleOf({ quartiles: [low, , high], std, modeShare }: ColumnProfile): number {
  return high > low && modeShare < 0.5 ? (high - low) / 1.349 : std;
}
