import * as z from 'zod';
import { problemAt } from '#errors.ts';
import { extent } from '#statistics/extent.ts';
import { normalQuantile } from '#statistics/normal-quantile.ts';
import { field } from '#statistics/reduction.ts';
import { checkIncreasing, indexesWhere, type Method } from '#normalizers/method.ts';
import { axisOption, clipToRange, commonOptions } from '#normalizers/common-options.ts';
import type { Step } from '../steps.ts';

/** Ranks nearer to 0 or 1 than this become the first or last landmark again, and bound the normal output. */
const margin = 1e-7;

/** Landmarks of all slices together: 128 MiB. */
const maxLandmarks = 2 ** 24;

/** The bounds of the normal output, as in scikit-learn: ppf(1e-7 − ε) and ppf(1 − (1e-7 − ε)). */
const leastNormal = normalQuantile(margin - Number.EPSILON);
const mostNormal = normalQuantile(1 - (margin - Number.EPSILON));

const schema = z
  .strictObject({
    method: z.literal('quantile'),
    axis: axisOption(0),
    n_quantiles: z.int().min(1).max(10_000).default(1000).meta({
      description: 'Number of quantiles (landmarks) to learn; at most the number of samples.',
    }),
    output_distribution: z.enum(['uniform', 'normal']).default('uniform').meta({
      description: 'uniform returns ranks between 0 and 1, normal the standard normal quantiles of these ranks.',
    }),
    quantile_method: z.enum(['linear', 'averaged_inverted_cdf']).default('linear').meta({
      description: 'How to interpolate landmarks between values, named as in numpy.quantile.',
    }),
    ...commonOptions,
    clip: clipToRange('the range of its landmarks, which it never leaves anyway').optional(),
  })
  .meta({
    id: 'Quantile',
    title: 'quantile',
    description: "Replaces each value by its quantile among the slice's values.",
  });

type Options = z.output<typeof schema>;

/**
 * Quantile transform, as scikit-learn's QuantileTransformer without subsampling: landmarks at evenly spaced ranks, the
 * mean of the ascending and the descending interpolation between them. The ends are compared as ranks; scikit-learn
 * compares x ± 1e-7 in data units, which breaks columns of tiny units.
 * With sample weights the landmarks are averaged inverted CDF, whatever `quantile_method` says.
 */
const quantile: Method<Options> = {
  name: 'quantile',
  schema,
  about: {
    title: 'Quantile transform to uniform or normal',
    formula: 'y = F(x), the rank of x among the fitted values between 0 and 1; or Φ⁻¹(F(x))',
    keeps: ['the order of the values, up to ties'],
    loses: [
      'distances and ratios: only ranks remain',
      'the shape of the distribution, which becomes uniform or normal',
      'differences between values outside the fitted range',
      'zeros and sparsity',
    ],
    outliers: 'An outlier has no influence beyond its rank: it becomes 0 or 1.',
    when: 'Distributions are irregular and only the order matters, or a model needs normal inputs whatever their distribution was.',
    sources: ['scikit-learn QuantileTransformer', 'Wichura (1988), algorithm AS 241'],
  },
  parameters: { quantiles: 'landmarks, slices', references: 'landmarks' },
  landmarks: ({ n_quantiles }) => n_quantiles,
  invertible: true,
  mergeable: true,
  weighted: true,
  perSample: false,
  outlierSensitive: false,
  fittedRange({ quantiles, references }) {
    const slices = quantiles.length / references.length;
    return { low: quantiles.slice(0, slices), high: quantiles.slice(-slices) };
  },
  validateParameters: ({ quantiles, references }) =>
    checkIncreasing('quantiles', quantiles, quantiles.length / references.length) ??
    checkIncreasing('references', references, 1),
  reductions: () => [extent],
  wholeSlices: () => true,
  learn({ n_quantiles, quantile_method }, [state], slices, whole) {
    if (!whole) throw new Error('quantile is fitted on whole slices');
    const landmarks = Math.min(n_quantiles, whole.sliceLength);
    if (landmarks * slices > maxLandmarks) {
      const detail = `${landmarks} landmarks for each of ${slices} slices are too many: the maximum is ${maxLandmarks} in total.`;
      throw problemAt('not_computable', '/normalizer/n_quantiles', detail);
    }
    const references = Float64Array.from({ length: landmarks }, (_, at) =>
      landmarks === 1 ? 0 : at / (landmarks - 1),
    );
    const quantiles = whole.weightSums
      ? whole.quantiles([...references])
      : whole.orderStatistics(landmarks, (count) => positions(landmarks, count, quantile_method));
    const max = field(extent, state, 'max');
    return {
      parameters: { quantiles, references },
      constant: indexesWhere(field(extent, state, 'min'), (least, at) => least === max[at]),
    };
  },
  outputRange: ({ output_distribution }) => (output_distribution === 'uniform' ? [0, 1] : [leastNormal, mostNormal]),
  transform({ output_distribution }, { quantiles, references }) {
    const steps: Step[] = [{ op: 'to_rank', quantiles, references }];
    if (output_distribution === 'uniform') return steps;
    return [...steps, { op: 'normal_quantile' }, { op: 'maximum', by: leastNormal }, { op: 'minimum', by: mostNormal }];
  },
  inverse({ output_distribution }, { quantiles, references }) {
    if (output_distribution === 'uniform') return [{ op: 'from_rank', quantiles, references, margin: 0 }];
    return [{ op: 'normal_cdf' }, { op: 'from_rank', quantiles, references, margin }];
  },
  sklearn: {
    class: 'QuantileTransformer',
    axis: 0,
    params: { n_quantiles: { option: 'n_quantiles' }, output_distribution: { option: 'output_distribution' } },
    ignored: ['copy', 'ignore_implicit_zeros', 'subsample', 'random_state'],
    ofFitting: ['quantile_method'],
    nanPolicy: 'omit',
    attributes: () => ({ quantiles_: 'quantiles', references_: 'references' }),
    lengths: { n_quantiles_: 'references' },
  },
};

export { quantile as method };

/** Where the landmarks lie among `count` sorted values; a half is the mean of its neighbours. */
function positions(landmarks: number, count: number, method: Options['quantile_method']): Float64Array {
  const steps = Math.max(landmarks - 1, 1);
  return Float64Array.from({ length: landmarks }, (_, at) => {
    if (method === 'linear') return (at * (count - 1)) / steps;
    // Hyndman and Fan (1996), type 2: the mean of two values where the rank falls between them.
    const rank = (at * count) / steps;
    const between = Number.isInteger(rank) ? rank - 0.5 : Math.floor(rank);
    return Math.min(Math.max(between, 0), count - 1);
  });
}
