import type { Problem } from '#errors.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import type { Scope } from '#normalizers/scope.ts';
import type { Warning } from '#normalizers/warnings.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import type { Preservation } from './preservation.task.ts';

/** What normalizers make of the same data, side by side. Plain data, so that it travels to the thread that writes it. */
export interface Comparison {
  header: TensorHeader;
  /** The samples that order and lengths were compared on. */
  comparedSamples: number;
  /** Whether statistics were asked for. */
  describes: boolean;
  input: DistributionStatistics;
  normalizers: (ComparedNormalizer | FailedNormalizer)[];
}

/** One distribution. */
export interface DistributionStatistics {
  /** Of the whole array, with a histogram where there is one. */
  whole: StatisticsContent;
  /** What else the client asked for, such as statistics along another axis. */
  asked?: StatisticsContent;
}

/** What one normalizer makes of the data. */
export interface ComparedNormalizer {
  normalizer: CommonOptions;
  scope: Scope;
  output: DistributionStatistics;
  /** Absent where a sample is too long to be compared value by value. */
  changes?: Preservation;
  /** Whether the weights of the samples counted; absent where there were none. */
  weighted?: boolean;
  warnings: Warning[];
}

/** A normalizer that these data have no result of. */
export interface FailedNormalizer {
  normalizer: CommonOptions;
  problem: Pick<Problem, 'code' | 'message' | 'errors'>;
}
