import * as z from 'zod';
import { problemAt } from '#errors.ts';
import { normalQuantile } from '#statistics/normal-quantile.ts';
import { extent } from '#statistics/extent.ts';
import { checkPositive, type Method, handleZerosInScale, indexesOfZeros } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';
import type { Step } from '../steps.ts';

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
  invertible: true,
  mergeable: true,
  weighted: true,
  perSample: false,
  outlierSensitive: false,
  validateParameters: (parameters) => checkPositive(parameters, ['scale']),
  reductions: () => [extent],
  wholeSlices: () => true,
  learn({ quantile_range: [low, high], with_scaling, unit_variance }, _, slices, whole) {
    const quantiles = whole?.quantiles([low / 100, 0.5, high / 100]);
    if (!quantiles) throw new Error('robust is fitted on whole slices');
    const [least, center, most] = [0, 1, 2].map((row) => quantiles.slice(row * slices, (row + 1) * slices));
    const range = most.map((value, at) => value - least[at]);
    const unit = unit_variance ? normalRange(low, high) : 1;
    const scale = with_scaling
      ? handleZerosInScale(range).map((value) => value / unit)
      : new Float64Array(slices).fill(1);
    return { parameters: { center, scale }, constant: with_scaling ? indexesOfZeros(range) : [] };
  },
  transform({ with_centering, with_scaling }, { center, scale }) {
    const steps: Step[] = [];
    if (with_centering) steps.push({ op: 'subtract', by: center });
    if (with_scaling) steps.push({ op: 'divide', by: scale });
    return steps;
  },
  inverse({ with_centering, with_scaling }, { center, scale }) {
    const steps: Step[] = [];
    if (with_scaling) steps.push({ op: 'multiply', by: scale });
    if (with_centering) steps.push({ op: 'add', by: center });
    return steps;
  },
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
