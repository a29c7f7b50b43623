import type { Description } from '#statistics/describe.ts';
import type { Layout } from '#tensor/layout.ts';
import { nestedList } from './format-tensor.ts';

/** The content of one statistics object. */
export interface StatisticsContent {
  layout: Layout;
  /** What the columns of a table are called, where they are described one by one. */
  columns?: readonly string[];
  description: Description;
  quantiles?: Float64Array;
  histogram?: { counts: Float64Array; edges: Float64Array; bins: number };
}

/**
 * A statistics object with SciPy's names and lists nested in the kept shape. `nobs` is one number if it is equal for
 * every slice; quantiles run along a new first axis, counts and edges along a new last axis.
 */
export function statisticsToJson({
  layout,
  columns,
  description,
  quantiles,
  histogram,
}: StatisticsContent): Record<string, unknown> {
  const shape = layout.keptShape;
  const list = (values: Float64Array) => nestedList(values, shape);
  const { nobs, min, max, mean, variance, skewness, kurtosis, nan_count, zero_count } = description;
  const json: Record<string, unknown> = columns ? { columns } : {};
  Object.assign(json, {
    nobs: collapseIfUniform(nobs, shape),
    minmax: [list(min), list(max)],
    mean: list(mean),
    variance: list(variance),
    skewness: list(skewness),
    kurtosis: list(kurtosis),
    nan_count: list(nan_count),
    zero_count: list(zero_count),
  });
  if (quantiles) json.quantiles = nestedList(quantiles, [quantiles.length / Math.max(layout.slices, 1), ...shape]);
  if (histogram) {
    const { counts, edges, bins } = histogram;
    json.histogram = { counts: nestedList(counts, [...shape, bins]), edges: nestedList(edges, [...shape, bins + 1]) };
  }
  return json;
}

/** One number if all are equal, otherwise nested lists of the shape. */
export function collapseIfUniform(values: Float64Array, shape: readonly number[]): unknown {
  return values.length > 0 && values.every((value) => value === values[0]) ? values[0] : nestedList(values, shape);
}
