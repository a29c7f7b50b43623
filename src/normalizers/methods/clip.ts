import * as z from 'zod';
import { extent } from '#statistics/extent.ts';
import { type Method, type Parameters } from '#normalizers/method.ts';
import { axisOption, commonOptions, limitsOption } from '#normalizers/common-options.ts';

const percent = z.number().min(0).max(100);

const schema = z
  .strictObject({
    method: z.literal('clip'),
    axis: axisOption(0),
    range: limitsOption('The limits themselves, [lo, hi], instead of learned ones.').optional(),
    quantile_range: z
      .tuple([percent, percent])
      .refine(([low, high]) => low < high, 'the first number must be below the second')
      .optional()
      .meta({ description: 'The percentiles that are the limits. Default [1, 99] where no range is given.' }),
    ...commonOptions,
  })
  .refine(({ range, quantile_range }) => !range || !quantile_range, {
    path: ['range'],
    message: 'the limits are given by range or learned by quantile_range: give one or the other',
  })
  .meta({ id: 'Clip', title: 'clip', description: 'Limits each slice to a range, given or learned (winsorizing).' });

type Options = z.output<typeof schema>;

/** Winsorizing: `numpy.clip` between limits that are given, or are linear percentiles of the fit. */
const clip: Method<Options> = {
  name: 'clip',
  schema,
  about: {
    title: 'Clipping (winsorizing)',
    formula: 'y = min(max(x, lower), upper)',
    keeps: ['every value between the limits, as it is', 'the order of the values, up to ties at the limits'],
    loses: ['how far beyond a limit a value was: inverse-transform leaves it at the limit'],
    outliers: 'They are drawn to the limits, which percentiles set: no single value moves these far.',
    when: 'Errors of measurement or entry must not reach a model, or another method that outliers would decide comes next.',
    sources: ['numpy.clip', 'numpy.percentile', 'Tukey (1962): winsorizing'],
  },
  parameters: { lower: 'slices', upper: 'slices' },
  omittedParameters: ({ range }) => (range ? ['lower', 'upper'] : []),
  invertible: false,
  mergeable: true,
  weighted: false,
  perSample: false,
  outlierSensitive: false,
  resolveDefaults: (options) =>
    options.range || options.quantile_range ? options : { ...options, quantile_range: [1, 99] },
  validateParameters({ lower, upper }) {
    const bad = upper?.findIndex((most, at) => most < lower[at]) ?? -1;
    return bad < 0 ? undefined : { parameter: 'upper', detail: `upper is not below lower; here is ${upper[bad]}.` };
  },
  fittedRange: ({ lower, upper }) => (lower ? { low: lower, high: upper } : undefined),
  reductions: ({ range }) => (range ? [] : [extent]),
  wholeSlices: ({ range }) => !range,
  learn({ quantile_range }, _, slices, whole) {
    const parameters: Parameters = {};
    if (quantile_range) {
      const limits = whole?.quantiles(quantile_range.map((one) => one / 100));
      if (!limits) throw new Error('clip is fitted on whole slices');
      Object.assign(parameters, { lower: limits.slice(0, slices), upper: limits.slice(slices) });
    }
    return { parameters, constant: [] };
  },
  transform({ range }, { lower, upper }) {
    const [low, high] = range ? [range[0] ?? -Infinity, range[1] ?? Infinity] : [lower, upper];
    return [
      { op: 'maximum', by: low },
      { op: 'minimum', by: high },
    ];
  },
  // What was clipped is not known any more; what was not is as it was.
  inverse: () => [],
};

export { clip as method };
