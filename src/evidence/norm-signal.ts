import { rankCorrelation } from '#statistics/rank-correlation.ts';
import { aucDeviations, aucPerClass } from './norms.ts';

/** What the samples' norms alone tell of the labels. */
export interface NormSignal {
  /** The area under the ROC curve for each class against the rest; absent for numbers. */
  auc?: number[];
  /** The mean over the classes of what the area, or its mirror image, is: 0.5 is nothing, 1 is all. For numbers |Spearman's ρ|. */
  strength: number;
  /** Whether that is more than chance explains, and enough to matter. */
  isSignal: boolean;
}

/** Deviations that chance does not explain. */
const beyondChance = 4;

/** Areas under the curve, and correlations, that matter. */
const matters = { auc: 0.65, correlation: 0.3 };

/** What the norms tell of classes. */
export function classSignal(norms: Float64Array, classes: ArrayLike<number>, classCount: number): NormSignal {
  const auc = aucPerClass(norms, classes, classCount);
  const counts = new Uint32Array(classCount);
  for (let i = 0; i < classes.length; i++) counts[classes[i]] += 1;
  const strengths = auc.map((area) => Math.max(area, 1 - area));
  const strength = strengths.reduce((sum, one) => sum + one / classCount, 0);
  const isSignal = auc.some(
    (area, label) => strengths[label] > matters.auc && aucDeviations(area, counts[label], norms.length) > beyondChance,
  );
  return { auc, strength, isSignal };
}

/** What the norms tell of numbers. */
export function numberSignal(norms: Float64Array, targets: Float64Array): NormSignal {
  const strength = Math.abs(rankCorrelation(norms, targets)) || 0;
  const isSignal = strength > matters.correlation && strength * Math.sqrt(norms.length - 1) > beyondChance;
  return { strength, isSignal };
}
