import * as z from 'zod';
import { spreadOf } from '#statistics/moment-values.ts';
import { moments, momentsWithNan } from '#statistics/moments.ts';
import { checkPositive, indexesWhere, type Method, indexesOfZeros } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';
import { sliceProblem } from '#normalizers/slice-problem.ts';
import type { Step } from '../steps.ts';
import { needsUnit, restore, standardize, unitParameters, withUnits } from '../unit.ts';

const schema = z
  .strictObject({
    method: z.literal('zscore'),
    axis: axisOption(0),
    with_mean: z.boolean().default(true).meta({ description: 'Whether the mean is subtracted.' }),
    with_std: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether the result is divided by the standard deviation.' }),
    ddof: z.int().min(0).default(0).meta({ description: 'The variance is the sum of squares divided by n − ddof.' }),
    epsilon: z.number().min(0).default(0).meta({
      description:
        'What is added to the variance before its root is taken: 1e-5 is torch.nn.LayerNorm, GroupNorm, InstanceNorm and BatchNorm, 1e-3 keras.layers.LayerNormalization.',
    }),
    ...commonOptions,
    clip: commonOptions.clip.default(null),
  })
  .meta({ id: 'ZScore', title: 'zscore', description: 'Subtracts the mean and divides by the standard deviation.' });

type Options = z.output<typeof schema>;

/** From this many deviations on, what a double leaves out of the mean shows among the digits of the output. */
const farFromZero = 1e9;

/**
 * Standardization: `(x − mean) / scale`, as scikit-learn's StandardScaler, with `ddof` for the variance. A slice is
 * constant where `var ≤ (2·ε·mean)²`: the bound there grows with the number of rows and with the weights' unit, because
 * the rounding of its sums does; these sums are compensated.
 */
const zscore: Method<Options> = {
  name: 'zscore',
  schema,
  about: {
    title: 'Standardization (z-score)',
    formula: 'y = (x − mean) / scale, scale = √(var + epsilon)',
    keeps: [
      'the order of the values',
      'the shape of the distribution: skewness and kurtosis do not change',
      'ratios of distances within a slice',
    ],
    loses: [
      'the origin: zeros shift, so sparse data become dense',
      'the unit, the mean and the standard deviation, which are stored in fitted.parameters',
    ],
    outliers: 'Outliers pull the mean and inflate the deviation, but do not bound the output.',
    when: 'Features have different units and a model expects them centred and of like size: linear models, neural networks, PCA.',
    sources: [
      'scikit-learn StandardScaler',
      'Chan, Golub, LeVeque (1983)',
      'torch.nn LayerNorm, GroupNorm, InstanceNorm2d (without their affine part)',
    ],
  },
  parameters: { mean: 'slices', var: 'slices', scale: 'slices' },
  rareParameters: { ...unitParameters, mean_low: 0 },
  invertible: true,
  mergeable: true,
  weighted: true,
  perSample: false,
  outlierSensitive: false,
  validateParameters: (parameters) => checkPositive(parameters, ['scale']),
  reductions: ({ nan_policy }) => [nan_policy === 'propagate' ? momentsWithNan : moments],
  learn({ ddof, with_std, epsilon }, [state], slices) {
    const spread = spreadOf(state, ddof);
    const { count, mean, variance } = spread;
    const constant = indexesWhere(mean, (_, at) => spread.isConstant(at));
    const short = count.findIndex(
      (n, at) => n > 0 && n <= ddof && Number.isNaN(variance[at]) && !Number.isNaN(mean[at]),
    );
    if (short >= 0) {
      const detail = `the variance needs more than ddof = ${ddof} values, and there ${count[short] === 1 ? 'is' : 'are'} ${count[short]}.`;
      throw sliceProblem(short, detail);
    }
    const one = new Float64Array(slices).fill(1);
    if (epsilon > 0) {
      const scale = with_std ? variance.map((value) => Math.sqrt(value + epsilon)) : one;
      return { parameters: { mean, var: variance, scale }, constant: [] };
    }
    const scale = with_std ? spread.deviation : one;
    for (const at of constant) scale[at] = 1;
    // What varies by less than a double can say still has a scale.
    for (const at of indexesOfZeros(scale)) scale[at] = Number.MIN_VALUE;
    const parameters = withUnits({ mean, var: variance, scale }, slices, (at) =>
      scale[at] !== 1 && needsUnit(mean[at], scale[at]) ? spread.scaled(at) : undefined,
    );
    if (!parameters.unit && with_std) {
      const isFar = (value: number, at: number) => Math.abs(value) > farFromZero * scale[at] && !spread.isConstant(at);
      if (mean.some(isFar)) {
        parameters.mean_low = mean.map((value, at) => (isFar(value, at) ? spread.meanLow(at) : 0));
      }
    }
    return { parameters, constant: with_std ? constant : [] };
  },
  transform({ with_mean, with_std }, parameters) {
    const { mean, mean_low, scale } = parameters;
    const steps: Step[] = mean_low
      ? [...(with_mean ? subtractTwice(mean, mean_low) : []), { op: 'divide', by: scale }]
      : standardize(parameters, with_mean ? mean : null, with_std ? scale : null);
    return steps;
  },
  inverse({ with_mean, with_std }, parameters) {
    const { mean, mean_low, scale } = parameters;
    const steps = restore(parameters, with_mean ? mean : null, with_std ? scale : null);
    return mean_low && with_mean ? [steps[0], { op: 'add', by: mean_low }, ...steps.slice(1)] : steps;
  },
  sklearn: {
    class: 'StandardScaler',
    axis: 0,
    params: { with_mean: { option: 'with_mean' }, with_std: { option: 'with_std' } },
    ignored: ['copy'],
    ofFitting: ['ddof', 'epsilon'],
    nanPolicy: 'omit',
    attributes: ({ with_mean, with_std }) => ({
      mean_: with_mean || with_std ? 'mean' : null,
      var_: with_std ? 'var' : null,
      scale_: with_std ? 'scale' : null,
    }),
    countsSamples: true,
  },
};

export { zscore as method };

/** A mean in two doubles: the first difference is exact where the values are near it. */
function subtractTwice(mean: Float64Array, low: Float64Array): Step[] {
  return [
    { op: 'subtract', by: mean },
    { op: 'subtract', by: low },
  ];
}
