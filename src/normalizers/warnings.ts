import type { Description } from '#statistics/describe.ts';
import { type Dtype, isFloat } from '#tensor/dtype.ts';
import type { Layout } from '#tensor/layout.ts';
import { unravel } from '#tensor/unravel.ts';
import { type Fit, namedSlices } from './fit.ts';
import type { CommonOptions, Parameters } from './method.ts';
import { methodOf } from './normalizer.ts';
import type { Scope } from './scope.ts';

/** Something a user should know about the result. A warning never fails a request. */
export interface Warning {
  code: string;
  message: string;
  count?: number;
  slices?: (number | number[])[];
  /** Names of columns. */
  columns?: string[];
}

/** Number of standard deviations between the mean and zero beyond which float32 and float16 have lost digits. */
const farFromZero = 1e4;

/** The warnings that need nothing but the fit, no second scan of the data. */
export function fitWarnings(normalizer: CommonOptions, layout: Layout, scope: Scope, fit: Fit): Warning[] {
  const method = methodOf(normalizer);
  const warnings: Warning[] = [];
  if (method.perSample && scope === 'dataset') {
    warnings.push({
      code: 'depends_on_batch_size',
      message: `A norm over the samples grows with their number, so the same sample gets a different value in a different batch. Use axis -1 for one norm per sample.`,
    });
  }
  if (fit.constant.length > 0) {
    const message = 'Some slices are constant: their scale would be zero, so 1 is used.';
    warnings.push({ code: 'constant_slices', message, ...named(layout, fit.constant) });
  }
  if (fit.allNan.length > 0) {
    const message = 'Some slices contain no numbers: their parameters are NaN.';
    warnings.push({ code: 'all_nan_slices', message, ...named(layout, fit.allNan) });
  }
  return warnings;
}

/** @param count samples that differed from another one and no longer do; undefined if not counted */
export function scaleLostWarning(count: number | undefined): Warning {
  const message =
    'Each sample was divided by its own norm, so the output no longer tells its magnitude, and proportional samples become identical. The norms are in fitted.parameters.norms, from which inverse-transform restores the data.';
  return { code: 'scale_lost', message, ...(count === undefined ? {} : { count }) };
}

/** Values of a transform outside the fitted range. */
export function outOfRangeWarning(count: number): Warning {
  const message = 'Some values lie outside the fitted range: the output exceeds its range, or was clipped to it.';
  return { code: 'out_of_range', message, count };
}

/** Values that a formula has no image for became NaN, or −∞ at the very end of its domain. */
export function outsideDomain(count: number): Warning {
  const message = 'Some values lie outside the domain of the formula: they became NaN, or -Infinity at its very end.';
  return { code: 'outside_domain', message, count };
}

/** @param spread the quantiles 0, 0.05, 0.95 and 1, one value per slice each */
export function outliersDominateWarning(layout: Layout, spread: readonly Float64Array[]): Warning[] {
  const [least, low, high, most] = spread;
  const dominated = Array.from(least.keys()).filter(
    (at) => most[at] > least[at] && high[at] / 2 - low[at] / 2 <= (most[at] / 2 - least[at] / 2) / 10,
  );
  if (dominated.length === 0) return [];
  const message =
    'The middle 90 % of the values lie within a tenth of the range: a few outliers set the scale and squeeze the other values together. robust and quantile resist outliers.';
  return [{ code: 'outliers_dominate', message, ...named(layout, dominated) }];
}

/** Whether the output lost its zeros. */
export function sparsityDestroyedWarning(input: Description, output: Description): Warning[] {
  const share = (of: Description) => total(of.zero_count) / (total(of.nobs) + total(of.nan_count));
  if (!(share(input) >= 0.5 && share(output) < 0.01)) return [];
  const message =
    'At least half of the input values are zeros, but almost none of the output values: sparse data became dense. norm and maxabs preserve zeros.';
  return [{ code: 'sparsity_destroyed', message, count: total(input.zero_count) }];
}

/** Checks the described slices, and the normalizer's slices if it learned mean and variance. */
export function precisionLossWarning(
  dtype: Dtype,
  described: Description | undefined,
  parameters: Parameters | undefined,
): Warning[] {
  if (!isFloat(dtype) || dtype === 'float64') return [];
  const learned =
    parameters && 'mean' in parameters && 'var' in parameters ? countFar(parameters.mean, parameters.var) : 0;
  const count = Math.max(learned, described ? countFar(described.mean, described.variance) : 0);
  if (count === 0) return [];
  const message = `The mean is more than 10,000 standard deviations from zero, so ${dtype} has already rounded away most of the variation. Send float64, or subtract an offset first.`;
  return [{ code: 'precision_loss', message, count }];
}

function countFar(mean: Float64Array, variance: Float64Array): number {
  return mean.filter((value, at) => variance[at] > 0 && Math.abs(value) > farFromZero * Math.sqrt(variance[at])).length;
}

function named(layout: Layout, slices: readonly number[]): Pick<Warning, 'count' | 'slices'> {
  const indexes = slices.slice(0, namedSlices).map((slice) => unravel(slice, layout.keptShape));
  return { count: slices.length, slices: indexes.map((index) => (index.length === 1 ? index[0] : index)) };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
