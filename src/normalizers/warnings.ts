import type { Description } from '#statistics/describe.ts';
import { type Dtype, isFloat } from '#tensor/dtype.ts';
import type { Layout } from '#tensor/layout.ts';
import { unravel } from '#tensor/unravel.ts';
import { type Fit, namedSlices } from './fit.ts';
import type { CommonOptions, Parameters } from './method.ts';
import { methodOf } from './normalizer.ts';
import type { Scope } from './scope.ts';

/** Something a user should know of the result. It never fails a request. */
export interface Warning {
  code: string;
  message: string;
  count?: number;
  slices?: (number | number[])[];
}

/** Deviations beyond which float32 or float16 input has lost digits of what varies. */
const farFromZero = 1e4;

/** What fitting showed, without another look at the data. */
export function fitWarnings(normalizer: CommonOptions, layout: Layout, scope: Scope, fit: Fit): Warning[] {
  const method = methodOf(normalizer);
  const warnings: Warning[] = [];
  if (method.perSample && scope === 'dataset') {
    warnings.push({
      code: 'depends_on_batch_size',
      message: `A norm over the samples grows with their number: the same sample gets another value in another batch. Use axis -1 for one norm per sample.`,
    });
  }
  if (fit.constant.length > 0) {
    const message = 'Some slices are constant: their scale would be zero and stays 1.';
    warnings.push({ code: 'constant_slices', message, ...named(layout, fit.constant) });
  }
  if (fit.allNan.length > 0) {
    const message = 'Some slices hold no number: their parameters are NaN.';
    warnings.push({ code: 'all_nan_slices', message, ...named(layout, fit.allNan) });
  }
  return warnings;
}

/** Each sample's scale is gone from the output; `count` samples can no longer be told from another, where that was counted. */
export function scaleLostWarning(count: number | undefined): Warning {
  const message =
    'Each sample was divided by its own norm: its magnitude is gone from the output, and proportional samples become the same. fitted.parameters.norms keep it, so that inverse-transform gives the data back.';
  return { code: 'scale_lost', message, ...(count === undefined ? {} : { count }) };
}

/** A transform met values that the fit had not. */
export function outOfRangeWarning(count: number): Warning {
  const message =
    'Some values lie outside the range that was fitted: the output leaves its range, or was clipped to it.';
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
    'The middle 90 % of the values lie within a tenth of the range: a few outliers set the scale and press the others together. robust or quantile resist them.';
  return [{ code: 'outliers_dominate', message, ...named(layout, dominated) }];
}

/** Whether the output lost its zeros. */
export function sparsityDestroyedWarning(input: Description, output: Description): Warning[] {
  const share = (of: Description) => total(of.zero_count) / (total(of.nobs) + total(of.nan_count));
  if (!(share(input) >= 0.5 && share(output) < 0.01)) return [];
  const message =
    'Half or more of the input were zeros and almost none of the output are: sparse data became dense. norm and maxabs keep zeros.';
  return [{ code: 'sparsity_destroyed', message, count: total(input.zero_count) }];
}

/** Looks at the slices of the statistics, and at the normalizer's where it learned mean and variance. */
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
  const message = `The mean is over 10,000 standard deviations from zero: ${dtype} has already rounded away most of what varies. Send float64, or subtract an offset first.`;
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
