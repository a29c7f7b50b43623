import { boxCoxLambda, yeoJohnsonLambda } from './power-likelihood.ts';
import { powerMoments, type PowerMoments } from './power-moments.ts';

type Kind = 'yeo-johnson' | 'box-cox';

/** What standardizing a power transform takes. */
export interface PowerFit extends PowerMoments {
  lambda: number;
  /** The same relative to a value of the slice, where the powers themselves are all but equal. */
  near?: { reference: number; mean: number; deviation: number };
}

/** Below this share of the mean, the deviation of powers is known to less than eleven digits. */
const leastShare = 2 ** -16;

/**
 * Fits a power transform to a slice without NaN: λ, and mean and deviation of what it gives. Far from zero, powers are all
 * but equal, and subtracting their mean would cancel all digits but a few: there the transform is relative to the end of
 * the slice whose power is the largest, so that no other exceeds 1.
 */
export function fitPower(values: Float64Array, kind: Kind): PowerFit {
  const lambda = kind === 'box-cox' ? boxCoxLambda(values, true) : yeoJohnsonLambda(values, true);
  const plain = powerMoments(values, lambda, kind);
  const isResolved = plain.deviation > leastShare * Math.abs(plain.mean) && plain.deviation < Infinity;
  if (isResolved || lambda === 1 || Number.isNaN(lambda)) return { lambda, ...plain };
  const reference = referenceOf(values, lambda, kind);
  if (reference === undefined) return { lambda, ...plain };
  const { mean, deviation } = powerMoments(values, lambda, kind, reference);
  const base = kind === 'box-cox' ? reference : 1 + Math.abs(reference);
  const rate = reference < 0 ? 2 - lambda : lambda;
  const factor = Math.exp(rate * Math.log(base));
  const ofReference = rate === 0 ? Math.log(base) : Math.expm1(rate * Math.log(base)) / rate;
  return {
    lambda,
    mean: Math.sign(reference) * ofReference + factor * mean,
    deviation: Math.max(factor * deviation, Number.MIN_VALUE),
    scaled: plain.scaled,
    near: { reference, mean, deviation },
  };
}

/** The value whose power is the largest; nothing where the values lie on both sides of zero. */
function referenceOf(values: Float64Array, lambda: number, kind: Kind): number | undefined {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (kind === 'yeo-johnson' && least < 0) {
    if (most > 0) return undefined;
    return orNothing(2 - lambda > 0 ? least : most, 0);
  }
  return orNothing(lambda > 0 ? most : least, kind === 'box-cox' ? 1 : 0);
}

function orNothing(reference: number, none: number): number | undefined {
  return reference === none ? undefined : reference;
}
