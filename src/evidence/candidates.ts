import type { ColumnProfile } from './columns.ts';
import type { Conditioning } from './conditioning.ts';
import type { NormSpread } from './norms.ts';

/** The models that each candidate is tried with. */
export const probeNames = [
  'nearest_neighbors',
  'nearest_centroid',
  'linear_model',
  'linear_network',
  'hidden_network',
] as const;

export type ProbeName = (typeof probeNames)[number];

/** How well a model predicts the samples of each fold from those of the others. */
export interface ProbeResult {
  /** Per fold: the accuracy, or R². */
  scores: number[];
  /** Their mean. */
  score: number;
  /** Per tested sample, in the order of the samples: 1 where it was right, or the size of the error of a number. */
  outcomes: Float64Array;
  /** The learning rates that a network was trained at. */
  rates?: RateResult[];
  /** What a linear model is. */
  model?: 'logistic_regression' | 'ridge_classifier' | 'ridge';
}

/** A network at one learning rate. */
export interface RateResult {
  learningRate: number;
  scores: number[];
  score: number;
  /** The mean training loss of each stretch of steps, over the folds; shorter where a fold diverged. */
  curve: number[];
  divergedFolds: number;
}

/** The data as they are, or what a normalizer makes of them: what is known of it. */
export interface Candidate {
  /** Whether these are the data as they are. */
  isInput: boolean;
  /** Whether each sample is divided by something of its own. */
  isPerSample: boolean;
  /** Whether it has a column for each column of the data, made of that alone. */
  keepsColumns: boolean;
  /** Whether a few outliers decide its scale. */
  outliersDecide: boolean;
  columns: ColumnProfile[];
  norms: NormSpread;
  /** Absent where there are too many columns. */
  conditioning?: Conditioning;
  probes?: Partial<Record<ProbeName, ProbeResult>>;
}
