import type { Advice } from '#evidence/advice.ts';
import type { Candidate } from '#evidence/candidates.ts';
import type { Danger } from '#evidence/dangers.ts';
import type { NormSignal } from '#evidence/norm-signal.ts';

/** What a comparison rests its recommendation on. Plain data, so that it travels to the thread that writes it. */
export interface Evidence {
  /** The samples that were looked at, of all that came. */
  samples: number;
  totalSamples: number;
  /** Samples left out because they hold NaN or an infinity. */
  notFinite: number;
  /** Values of a sample. */
  columns: number;
  columnNames?: readonly string[];
  sampleShape: readonly number[];
  /** Whether all columns have one unit, as pixels have. */
  sharesUnit: boolean;
  /** The data as they are, then the normalizers that could be computed. */
  candidates: Candidate[];
  /** For each candidate the normalizer's place in the comparison; −1 for the data as they are. */
  normalizers: number[];
  labels?: LabelsSummary;
  dangers: Danger[];
  advice: Advice[];
  /** A sample before and after, where samples are images; one per candidate. */
  pictures?: SamplePictures;
  seconds: number;
}

/** The labels that samples were judged by. */
export interface LabelsSummary {
  task: 'classification' | 'regression';
  /** Every class and how many samples have it. */
  classes?: { label: string | number | boolean; count: number }[];
  folds: number;
  /** Whether the caller said which sample belongs to which fold. */
  foldsGiven: boolean;
  /** Samples that k-NN was tested on. */
  nearestTested: number;
  norms: NormSignal;
}

/** Some samples as images under each candidate: brightness from 0 to 1. */
export interface SamplePictures {
  height: number;
  width: number;
  /** Channels side by side, 1 or 3. */
  channels: number;
  /** The samples' numbers. */
  samples: number[];
  /** Per candidate, per sample, row-major. */
  pixels: Float32Array[][];
}
