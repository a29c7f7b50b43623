import type { Description } from '#statistics/describe.ts';
import { moments } from '#statistics/moments.ts';
import type { Sentinel } from '#statistics/sentinels.ts';
import { tailsOf } from '#statistics/tails.ts';
import { type Dtype, isFloat } from '#tensor/dtype.ts';
import type { Layout } from '#tensor/layout.ts';
import type { Fit } from '#normalizers/fit.ts';
import type { Misfits } from '#normalizers/misfits.ts';
import { type CommonOptions, indexesWhere, type Parameters } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import type { Scope } from '#normalizers/scope.ts';
import type { Warning } from './warning.ts';
import { named } from './warnings.ts';

/** Deviations from zero beyond which a dtype has lost digits of what varies; integers are computed as float64. */
const farFromZero = { single: 1e4, double: 1e9 };

/** A slice with this kurtosis has values 30 deviations from its mean. */
const nearConstantKurtosis = 1000;

/** A skewness above 5 takes more than 25 values. */
const fewestInTails = 26;

const heavySkewness = 5;
const heavyKurtosis = 50;

/** Looks at the slices of the statistics, and at the normalizer's where it learned mean and variance. */
export function precisionLoss(
  dtype: Dtype,
  described: Description | undefined,
  learned: readonly Parameters[],
): Warning[] {
  const isDouble = dtype === 'float64' || !isFloat(dtype);
  const limit = isDouble ? farFromZero.double : farFromZero.single;
  const fitted = learned.reduce(
    (sum, parameters) =>
      sum + ('mean' in parameters && 'var' in parameters ? countFar(parameters.mean, parameters.var, limit) : 0),
    0,
  );
  const count = Math.max(fitted, described ? countFar(described.mean, described.variance, limit) : 0);
  if (count === 0) return [];
  const message = isDouble
    ? 'The mean is over 10⁹ standard deviations from zero: even float64 holds what varies to six digits or fewer. Subtract an offset first.'
    : `The mean is over 10,000 standard deviations from zero: ${dtype} has already rounded away most of what varies. Send float64, or subtract an offset first.`;
  return [{ code: 'precision_loss', message, count }];
}

/** Whether the output's values differ in their last digits only, although the input's do not. */
export function outputPrecisionLoss(input: Description, output: Description): Warning[] {
  const { double } = farFromZero;
  const count = countFar(output.mean, output.variance, double);
  if (count === 0 || countFar(input.mean, input.variance, double) > 0) return [];
  const message =
    'The mean of the output is over 10⁹ of its standard deviations from zero: its values differ in their last digits only, and their inverse is as coarse. Standardize the output, or subtract an offset first.';
  return [{ code: 'precision_loss', message, count }];
}

/** Slices that vary by more than the rounding of equal values. */
function countFar(mean: Float64Array, variance: Float64Array, limit: number): number {
  return mean.filter((value, at) => {
    const deviation = Math.sqrt(variance[at]);
    return deviation > 2 * Number.EPSILON * Math.abs(value) && Math.abs(value) > limit * deviation;
  }).length;
}

/** Outputs that are infinite or NaN although their inputs are numbers. */
export function misfitWarnings(
  { overflows, strays }: Misfits,
  dtype: Dtype,
  isInverse: boolean,
  parameters: readonly Parameters[],
): Warning[] {
  const warnings: Warning[] = [];
  if (overflows > 0) {
    const message = `Some results are beyond ${dtype} and came out infinite. Choose a wider output_dtype or a smaller range; the logarithm of 0 needs an offset.`;
    warnings.push({ code: 'overflow', message, count: overflows });
  }
  if (strays > 0) {
    const isUnfitted = parameters.some((of) => Object.values(of).some((values) => values.includes(NaN)));
    if (isUnfitted) {
      const message = 'Some values came out as NaN, because their slices were fitted to NaN.';
      warnings.push({ code: 'all_nan_slices', message, count: strays });
    } else {
      const message = isInverse
        ? 'Some values have no preimage under this normalizer and came out as NaN: they lie outside what its transform can give.'
        : 'Some values are outside the domain of the formula and came out as NaN.';
      warnings.push({ code: 'outside_domain', message, count: strays });
    }
  }
  return warnings;
}

/** Parameters that are beyond a double although the data are not. */
export function parameterOverflow(normalizer: CommonOptions, layout: Layout, parameters: Parameters): Warning[] {
  if (normalizer.nan_policy === 'propagate') return [];
  if (!Object.values(parameters).some((values) => values.includes(Infinity) || values.includes(-Infinity))) return [];
  const infinite = Object.entries(parameters).filter(([, values]) =>
    values.some((value) => Math.abs(value) === Infinity),
  );
  const slices = infinite.flatMap(([, values]) => indexesWhere(values, (value) => Math.abs(value) === Infinity));
  const places = [...new Set(slices.map((at) => at % Math.max(layout.slices, 1)))].sort((a, b) => a - b);
  const names = infinite.map(([name]) => name);
  const message = `${names.join(', ')} are beyond the largest double and reported as infinite. The output is right, but who computes with them by hand cannot take it back.`;
  return [{ code: 'overflow', message, parameters: names, ...named(layout, places) }];
}

/** What the moments show of slices that a mean and a deviation do not describe. */
export function tailWarnings(layout: Layout, scope: Scope, fit: Fit, normalizer: CommonOptions): Warning[] {
  if (scope === 'sample' || layout.sliceLength < fewestInTails) return [];
  const at = methodOf(normalizer)
    .reductions(normalizer)
    .findIndex(({ name }) => name === moments.name);
  const state = fit.states?.[at];
  if (!state) return [];
  const { skewness, kurtosis } = tailsOf(state);
  const constant = new Set(fit.constant);
  const rare = indexesWhere(kurtosis, (value, slice) => value >= nearConstantKurtosis && !constant.has(slice));
  const heavy = indexesWhere(
    kurtosis,
    (value, slice) =>
      value < nearConstantKurtosis &&
      !constant.has(slice) &&
      (value > heavyKurtosis || Math.abs(skewness[slice]) > heavySkewness),
  );
  const warnings: Warning[] = [];
  if (rare.length > 0) {
    const message =
      'The deviation of some slices is tiny beside their rarest values, which come out at 30 deviations and more: nearly all their values are the same, or their tails are extreme. Drop these slices, clip, or use a rank or a range.';
    warnings.push({ code: 'near_constant', message, ...named(layout, rare) });
  }
  if (heavy.length > 0) {
    const message =
      'Some slices have heavy tails: a few values set their mean and deviation. power or quantile draw the tails in, robust resists them.';
    warnings.push({ code: 'heavy_tails', message, ...named(layout, heavy) });
  }
  return warnings;
}

/** Values that probably stand for a missing one. */
export function sentinelWarnings(layout: Layout, sentinels: readonly Sentinel[]): Warning[] {
  if (sentinels.length === 0) return [];
  const values = [...new Set(sentinels.map(({ value }) => value))];
  const shown = values.slice(0, 5).join(', ');
  const message = `Some slices have an extreme value that recurs, far from all others: ${shown}. If it stands for a missing value, send null (NaN) under nan_policy 'omit'.`;
  const slices = sentinels.map(({ slice }) => slice);
  return [{ code: 'sentinels', message, values: values.slice(0, 20), ...named(layout, slices) }];
}
