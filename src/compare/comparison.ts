import type { Problem } from '#errors.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import type { Scope } from '#normalizers/scope.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import type { Preservation } from './preservation.task.ts';
import type { Evidence } from './evidence/evidence.ts';

/** Several normalizers on the same data. Plain data, so that it can be sent to the thread that renders it. */
export interface Comparison {
  header: TensorHeader;
  /** Number of samples that order and norms were compared on. */
  comparedSamples: number;
  /** Whether statistics were requested. */
  describes: boolean;
  input: DistributionStatistics;
  normalizers: (ComparedNormalizer | FailedNormalizer)[];
  /** The place of the data as they are among the normalizers; −1 where they are not. */
  inputPlace: number;
  /** Absent for data that are not samples of a few features. */
  evidence?: Evidence;
}

/** One distribution. */
export interface DistributionStatistics {
  /** Statistics of the whole array, with a histogram if there is one. */
  whole: StatisticsContent;
  /** Other requested statistics, such as along another axis. */
  asked?: StatisticsContent;
}

/** The effect of one normalizer on the data. */
export interface ComparedNormalizer {
  normalizer: CommonOptions;
  scope: Scope;
  output: DistributionStatistics;
  /** Absent if a sample is too long to compare value by value. */
  changes?: Preservation;
  /** Whether sample weights were used; absent if there were none. */
  weighted?: boolean;
  warnings: Warning[];
}

/** A normalizer that cannot be computed on these data. */
export interface FailedNormalizer {
  normalizer: CommonOptions;
  problem: Pick<Problem, 'code' | 'message' | 'errors'>;
}
