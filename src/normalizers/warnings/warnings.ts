import type { Description } from '#statistics/describe.ts';
import type { Layout } from '#tensor/layout.ts';
import { unravel } from '#tensor/unravel.ts';
import { type Fit, namedSlices } from '#normalizers/fit.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import type { Scope } from '#normalizers/scope.ts';
import type { Warning } from './warning.ts';

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

/** Rows of groups that the fit did not see. */
export function unseenGroupsWarning(count: number): Warning {
  const message =
    'Some rows belong to no group of the fit, or to one of fewer rows than min_samples: they came out by unseen, as NaN or by the parameters of all data.';
  return { code: 'unseen_groups', message, count };
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

/** How many slices a warning is about, and which. */
export function named(layout: Layout, slices: readonly number[]): Pick<Warning, 'count' | 'slices'> {
  const indexes = slices.slice(0, namedSlices).map((slice) => unravel(slice, layout.keptShape));
  return { count: slices.length, slices: indexes.map((index) => (index.length === 1 ? index[0] : index)) };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
