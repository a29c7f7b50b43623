import * as z from 'zod';
import { moments, momentsWithNan } from '#statistics/moments.ts';
import { field } from '#statistics/reduction.ts';
import { isConstant } from '#normalizers/is-constant.ts';
import { checkPositive, indexesWhere, type Method } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';
import { sliceProblem } from '#normalizers/slice-problem.ts';
import type { Step } from '../steps.ts';

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

/**
 * Standardization: `(x − mean) / scale`, as scikit-learn's StandardScaler, with `ddof` for the variance.
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
  invertible: true,
  mergeable: true,
  weighted: true,
  perSample: false,
  outlierSensitive: false,
  validateParameters: (parameters) => checkPositive(parameters, ['scale']),
  reductions: ({ nan_policy }) => [nan_policy === 'propagate' ? momentsWithNan : moments],
  learn({ ddof, with_std, epsilon }, [state]) {
    const count = field(moments, state, 'count');
    const mean = field(moments, state, 'mean').slice();
    const m2 = field(moments, state, 'm2');
    const constant = indexesWhere(m2, (sum, at) => isConstant(count[at], mean[at], sum));
    const short = count.findIndex((n, at) => n > 0 && n <= ddof && m2[at] > 0);
    if (short >= 0) {
      const detail = `the variance needs more than ddof = ${ddof} values, and there ${count[short] === 1 ? 'is' : 'are'} ${count[short]}.`;
      throw sliceProblem(short, detail);
    }
    const variance = m2.map((sum, at) => (count[at] > ddof ? sum / (count[at] - ddof) : sum === 0 ? 0 : NaN));
    const scale = with_std
      ? variance.map((value) => Math.sqrt(value + epsilon))
      : new Float64Array(mean.length).fill(1);
    if (epsilon > 0) return { parameters: { mean, var: variance, scale }, constant: [] };
    for (const at of constant) scale[at] = 1;
    return { parameters: { mean, var: variance, scale }, constant: with_std ? constant : [] };
  },
  transform({ with_mean, with_std }, { mean, scale }) {
    const steps: Step[] = [];
    if (with_mean) steps.push({ op: 'subtract', by: mean });
    if (with_std) steps.push({ op: 'divide', by: scale });
    return steps;
  },
  inverse({ with_mean, with_std }, { mean, scale }) {
    const steps: Step[] = [];
    if (with_std) steps.push({ op: 'multiply', by: scale });
    if (with_mean) steps.push({ op: 'add', by: mean });
    return steps;
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
