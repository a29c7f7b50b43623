import * as z from 'zod';
import { problemAt } from '#errors.ts';
import { scaleBy } from '#statistics/binary-scale.ts';
import type { Scaled } from '#statistics/moment-values.ts';
import { normalQuantile } from '#statistics/normal-quantile.ts';
import { extent } from '#statistics/extent.ts';
import { liftedQuantiles } from '#statistics/quantiles/lifted-quantiles.ts';
import { field } from '#statistics/reduction.ts';
import { checkPositive, type Method, handleZerosInScale, indexesOfZeros } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';
import { needsUnit, restore, standardize, unitParameters, withUnits } from '../unit.ts';

const percent = z.number().min(0).max(100);

const schema = z
  .strictObject({
    method: z.literal('robust'),
    axis: axisOption(0),
    with_centering: z.boolean().default(true).meta({ description: 'Whether to subtract the median.' }),
    with_scaling: z.boolean().default(true).meta({ description: 'Whether to divide by the quantile range.' }),
    quantile_range: z
      .tuple([percent, percent])
      .refine(([low, high]) => low <= high, 'the first number must not be above the second')
      .default([25, 75])
      .meta({ description: 'The two percentiles whose difference is the scale.' }),
    unit_variance: z.boolean().default(false).meta({
      description:
        'Whether to divide the scale by the same quantile range of the standard normal distribution, so that normal data get variance 1.',
    }),
    ...commonOptions,
  })
  .meta({ id: 'Robust', title: 'robust', description: 'Subtracts the median and divides by the interquartile range.' });

type Options = z.output<typeof schema>;

/**
 * Robust scaling: `(x − center) / scale`, as scikit-learn's RobustScaler: median and linear percentiles, a scale of zero
 * becomes 1, and then, under `unit_variance`, it is divided by `ppf(q_max) − ppf(q_min)`.
 * With sample weights, median and percentiles are the averaged inverted CDF.
 */
const robust: Method<Options> = {
  name: 'robust',
  schema,
  about: {
    title: 'Robust scaling by median and quantile range',
    formula: 'y = (x − center) / scale, center = median, scale = q75 − q25',
    keeps: [
      'the order of the values',
      'the shape of the distribution: skewness and kurtosis do not change',
      'ratios of distances within a slice',
      'outliers, which remain outliers',
    ],
    loses: ['the origin: zeros shift unless the median is 0', 'the unit, which is stored in fitted.parameters'],
    outliers: 'Up to a quarter of the values on either side can be arbitrary without changing the scale.',
    when: 'The bulk of the data should be centered and similarly scaled regardless of outliers.',
    sources: ['scikit-learn RobustScaler', 'Hyndman and Fan (1996), type 7'],
  },
  parameters: { center: 'slices', scale: 'slices' },
  rareParameters: unitParameters,
  invertible: true,
  mergeable: true,
  weighted: true,
  perSample: false,
  outlierSensitive: false,
  validateParameters: (parameters) => checkPositive(parameters, ['scale']),
  reductions: () => [extent],
  wholeSlices: () => true,
  learn({ quantile_range: [low, high], with_scaling, unit_variance }, [state], slices, whole) {
    if (!whole) throw new Error('robust is fitted on whole slices');
    const quantiles = whole.quantiles([low / 100, 0.5, high / 100]);
    const [least, center, most] = [0, 1, 2].map((row) => quantiles.slice(row * slices, (row + 1) * slices));
    const range = most.map((value, at) => value - least[at]);
    const unit = unit_variance ? normalRange(low, high) : 1;
    const scale = with_scaling
      ? handleZerosInScale(range).map((value) => value / unit)
      : new Float64Array(slices).fill(1);
    let lifted: Float64Array[] | undefined;
    const parameters = withUnits({ center, scale }, slices, (at) => {
      if (scale[at] === 1 || !needsUnit(center[at], scale[at])) return undefined;
      const exponent = range[at] > 1 ? -leastExponent : leastExponent;
      // Weighted quantiles are values, or the mean of two: nothing is interpolated.
      if (range[at] > 1 || whole.weightSums) return scaledRange(exponent, [center[at], least[at], most[at]], unit);
      const counts = field(extent, state, 'count');
      lifted ??= liftedQuantiles(whole, [low / 100, 0.5, high / 100], counts, leastExponent);
      const [from, offset, to] = lifted.map((row) => row[at]);
      return { exponent, offset, scale: (to - from) / unit };
    });
    return { parameters, constant: with_scaling ? indexesOfZeros(range) : [] };
  },
  transform: ({ with_centering, with_scaling }, parameters) =>
    standardize(parameters, with_centering ? parameters.center : null, with_scaling ? parameters.scale : null),
  inverse: ({ with_centering, with_scaling }, parameters) =>
    restore(parameters, with_centering ? parameters.center : null, with_scaling ? parameters.scale : null),
  sklearn: {
    class: 'RobustScaler',
    axis: 0,
    params: {
      with_centering: { option: 'with_centering' },
      with_scaling: { option: 'with_scaling' },
      quantile_range: { option: 'quantile_range' },
      unit_variance: { option: 'unit_variance' },
    },
    ignored: ['copy'],
    nanPolicy: 'omit',
    attributes: ({ with_centering, with_scaling }) => ({
      center_: with_centering ? 'center' : null,
      scale_: with_scaling ? 'scale' : null,
    }),
  },
};

export { robust as method };

/** Units in which subnormal numbers are ordinary ones. */
const leastExponent = -1000;

/** Center and quantile range in a unit in which their difference neither overflows nor is subnormal. */
function scaledRange(exponent: number, quantiles: [center: number, least: number, most: number], unit: number): Scaled {
  const [offset, from, to] = quantiles.map((value) => scaleBy(value, -exponent));
  return { exponent, offset, scale: (to - from) / unit };
}

/** The same percentiles of the standard normal. */
function normalRange(low: number, high: number): number {
  const range = normalQuantile(high / 100) - normalQuantile(low / 100);
  if (range > 0 && range < Infinity) return range;
  throw problemAt(
    'not_computable',
    '/normalizer/quantile_range',
    `The range from ${low} to ${high} % has no finite scale under unit_variance.`,
  );
}
