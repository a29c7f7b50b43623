import * as z from 'zod';
import { problemAt } from '#errors.ts';
import { comoments, comomentsWithNan, covarianceOf } from '#statistics/multivariate/comoments.ts';
import { choleskyOf, eigenOf, inverseOfLower } from '#statistics/multivariate/eigen.ts';
import { field } from '#statistics/reduction.ts';
import { type Learned, type Method, handleZerosInScale, indexesOfZeros } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';
import type { Step } from '../steps.ts';

/** Features whose covariance is kept: half of 128 MiB. */
const maxFeatures = 4096;

const schema = z
  .strictObject({
    method: z.literal('whiten'),
    axis: axisOption(0),
    kind: z.enum(['zca', 'pca', 'cholesky']).default('zca').meta({
      description:
        'All decorrelate. zca stays as near to the features as that allows; pca gives them in the order of their variance, as principal components; cholesky makes each of one feature and those before it.',
    }),
    epsilon: z.number().min(0).default(1e-5).meta({
      description: 'What is added to every variance, so that directions that hardly vary are not blown up.',
    }),
    n_components: z
      .int()
      .min(1)
      .max(maxFeatures)
      .optional()
      .meta({ description: 'Only this many principal components, for kind pca; the output has as many columns.' }),
    ...commonOptions,
  })
  .refine(({ kind, n_components }) => kind === 'pca' || n_components === undefined, {
    path: ['n_components'],
    message: 'n_components belongs to kind pca',
  })
  .meta({ id: 'Whiten', title: 'whiten', description: 'Decorrelates the features and gives each variance 1.' });

type Options = z.output<typeof schema>;

/**
 * Whitening: `(x − mean) W` with the covariance `C = (X−μ)ᵀ(X−μ)/n = UΛUᵀ` and `W = U(Λ+εI)^−½` for pca, the same times `Uᵀ`
 * for zca, `L⁻ᵀ` with `LLᵀ = C+εI` for cholesky (Kessy, Lewin, Strimmer 2018). `components` are the eigenvectors, one a row,
 * and `variances` the eigenvalues; for cholesky they are the rows of `L⁻¹` and the features' own variances.
 */
const whiten: Method<Options> = {
  name: 'whiten',
  schema,
  about: {
    title: 'Whitening (ZCA, PCA, Cholesky)',
    formula: 'y = (x − mean) W, where Wᵀ C W = I for the covariance C; zca: W = U (Λ + epsilon)^−½ Uᵀ',
    keeps: ['which features a value belongs to, with zca', 'Mahalanobis distances, as Euclidean ones'],
    loses: [
      'correlations between features: that is the point',
      'the unit, which fitted.parameters keep',
      'zeros and sparsity',
      'what lies beyond n_components, where they are given',
    ],
    outliers: 'They pull mean and covariance, and with them every feature.',
    when: 'A model takes features for independent or distances for round: independent component analysis, k-means, metric learning, images before a shallow network. Scale features of very different units first.',
    sources: [
      'Kessy, Lewin and Strimmer (2018), Optimal Whitening and Decorrelation',
      'scikit-learn PCA(whiten=True), which divides by n − 1',
      'Chan, Golub, LeVeque (1983)',
    ],
  },
  parameters: { mean: 'slices', components: 'landmarks, slices', variances: 'landmarks' },
  invertible: true,
  mergeable: true,
  weighted: false,
  perSample: false,
  outlierSensitive: false,
  joint: { maxSlices: maxFeatures },
  isInvertible: ({ n_components }) => n_components === undefined,
  validateParameters({ variances }) {
    const bad = variances.find((value) => value < 0);
    return bad === undefined
      ? undefined
      : { parameter: 'variances', detail: `A variance is not below 0; here is ${bad}.` };
  },
  outputs: ({ n_components }) => (n_components === undefined ? undefined : { count: n_components, name: 'pca' }),
  reductions: ({ nan_policy }) => [nan_policy === 'propagate' ? comomentsWithNan : comoments],
  learn(options, [state], slices) {
    const kept = options.n_components ?? slices;
    if (kept > slices) {
      const detail = `There are ${slices} features, and so at most as many components; ${kept} are asked for.`;
      throw problemAt('not_computable', '/normalizer/n_components', detail);
    }
    const mean = field(comoments, state, 'mean').slice();
    const covariance = covarianceOf(state);
    if (!covariance.every(Number.isFinite)) return unknown(slices, kept);
    const variance = Float64Array.from({ length: slices }, (_, at) => covariance[at * (slices + 1)]);
    const constant = options.epsilon > 0 ? [] : indexesOfZeros(variance);
    if (options.kind === 'cholesky')
      return { parameters: { mean, components: rootOf(covariance, slices, options), variances: variance }, constant };
    const { values, vectors } = eigenOf(covariance, slices);
    const variances = values.slice(0, kept).map((value) => Math.max(value, 0));
    return { parameters: { mean, components: vectors.slice(0, kept * slices), variances }, constant };
  },
  transform({ kind, epsilon }, { mean, components, variances }) {
    const outputs = variances.length;
    const inputs = mean.length;
    const steps: Step[] = [
      { op: 'subtract', by: mean },
      { op: 'mix', matrix: components, inputs, outputs, transposed: true },
    ];
    if (kind === 'cholesky') return steps;
    steps.push({ op: 'divide', by: deviations(variances, epsilon) });
    if (kind === 'zca')
      steps.push({ op: 'mix', matrix: components, inputs: outputs, outputs: inputs, transposed: false });
    return steps;
  },
  inverse({ kind, epsilon }, { mean, components, variances }) {
    const outputs = variances.length;
    const inputs = mean.length;
    const add: Step = { op: 'add', by: mean };
    if (kind === 'cholesky') return [{ op: 'solve_lower', matrix: components, size: inputs }, add];
    const steps: Step[] = [
      { op: 'multiply', by: deviations(variances, epsilon) },
      { op: 'mix', matrix: components, inputs: outputs, outputs: inputs, transposed: false },
      add,
    ];
    return kind === 'pca' ? steps : [{ op: 'mix', matrix: components, inputs, outputs, transposed: true }, ...steps];
  },
  sklearn: {
    class: 'PCA',
    module: 'sklearn.decomposition',
    axis: 0,
    params: {},
    fixed: { whiten: true },
    options: { kind: 'pca', epsilon: 0 },
    counts: { n_components: 'components_' },
    ofFitting: ['epsilon'],
    ignored: [
      'copy',
      'n_components',
      'svd_solver',
      'tol',
      'iterated_power',
      'n_oversamples',
      'power_iteration_normalizer',
      'random_state',
    ],
    nanPolicy: 'raise',
    attributes: () => ({ mean_: 'mean', components_: 'components', explained_variance_: 'variances' }),
    exported: { explained_variance_: (variances, { epsilon }) => variances.map((value) => value + epsilon) },
    lengths: { n_components_: 'variances' },
  },
};

export { whiten as method };

/** What components are divided by; 1 where their variance is no more than rounding leaves of none. */
function deviations(variances: Float64Array, epsilon: number): Float64Array<ArrayBuffer> {
  const least = variances.length * Number.EPSILON * variances.reduce((most, value) => Math.max(most, value), 0);
  return handleZerosInScale(
    variances.map((value) => (epsilon === 0 && value <= least ? 0 : Math.sqrt(value + epsilon))),
  );
}

/** L⁻¹ with L Lᵀ = C + εI, row after row. */
function rootOf(covariance: Float64Array<ArrayBuffer>, size: number, { epsilon }: Options): Float64Array<ArrayBuffer> {
  for (let at = 0; at < covariance.length; at += size + 1) covariance[at] += epsilon;
  const lower = choleskyOf(covariance, size);
  if (lower) return inverseOfLower(lower, size);
  throw problemAt(
    'not_computable',
    '/normalizer/epsilon',
    'Some feature is a sum of multiples of others, so that the covariance has no Cholesky factor: a larger epsilon, or kind zca or pca, take that.',
  );
}

/** What is known without a complete sample, or where a NaN was let through. */
function unknown(slices: number, kept: number): Learned {
  const nan = (length: number) => new Float64Array(length).fill(NaN);
  return {
    parameters: { mean: nan(slices), components: nan(kept * slices), variances: nan(kept) },
    constant: [],
  };
}
