import { max } from 'd3-array';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { samplesSeenToJson } from '#formats/json/fitted/fitted-document.ts';

/** What lists tell of a fitted document without reading it. */
export interface Summary {
  /** The names of the columns that were fitted; null where they had none. */
  columns: string[] | null;
  /** The indexes of the columns that are normalized; null where all are. */
  selected: number[] | null;
  /** Of the input, null where another batch may differ. */
  shape: (number | null)[];
  dtype: string;
  n_samples_seen: unknown;
  scope: string;
}

/** Slices up to which a summary has a count for each. */
const maxCounts = 100;

export function summarize(fitted: Fitted): Summary {
  const { input, normalizer, samplesSeen, scope } = fitted;
  const isLong = typeof samplesSeen !== 'number' && samplesSeen.length > maxCounts;
  return {
    columns: input.columns ? [...input.columns] : null,
    selected: normalizer.columns ?? null,
    shape: input.shape,
    dtype: input.dtype,
    n_samples_seen: isLong ? (max(samplesSeen) ?? 0) : samplesSeenToJson(fitted),
    scope,
  };
}
