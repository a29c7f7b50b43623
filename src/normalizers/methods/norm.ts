import * as z from 'zod';
import { extent } from '#statistics/extent.ts';
import { powerRoot, powerSum, rootOfMean, scaledRoot } from '#statistics/power-sum.ts';
import { field, type State } from '#statistics/reduction.ts';
import { checkPositive, type Method, indexesOfZeros } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';
import { needsUnit, restore, standardize, unitParameters, withUnits } from '../unit.ts';

const schema = z
  .strictObject({
    method: z.literal('norm'),
    axis: axisOption(-1),
    order: z
      .union([z.number(), z.enum(['inf', '-inf', 'rms'])])
      .default(2)
      .meta({
        description:
          'The order p of the norm (Σ|x|^p)^(1/p). 0 counts the non-zeros, "inf" is the largest magnitude, "-inf" the smallest, "rms" the root of the mean square.',
      }),
    epsilon: z.number().min(0).default(0).meta({
      description:
        'The divisor is max(‖x‖, epsilon): 1e-12 is torch.nn.functional.normalize, 0 keras.utils.normalize. With order "rms" it is √(mean x² + epsilon), as torch.nn.RMSNorm.',
    }),
    ...commonOptions,
  })
  .meta({ id: 'Norm', title: 'norm', description: 'Divides each slice by its vector norm, as keras.utils.normalize.' });

type Options = z.output<typeof schema>;

/**
 * Division by a vector norm: `x / ‖x‖`, equal to `keras.utils.normalize` on its NumPy path
 * (`numpy.linalg.norm(x, order, axis)`, a norm of 0 becomes 1). Unlike there, squares neither overflow nor underflow,
 * and the norms are kept, so that the inverse gives the data back.
 */
const norm: Method<Options> = {
  name: 'norm',
  schema,
  about: {
    title: 'Division by a vector norm (keras.utils.normalize)',
    formula: 'y = x / ‖x‖, ‖x‖ = (Σ|x|^order)^(1/order); with order "rms" √(mean x² + epsilon)',
    keeps: ['zeros', 'signs', 'the direction of each slice: angles and cosine similarity', 'ratios within a slice'],
    loses: [
      'the magnitude of each slice: (3, 5) and (6, 10) become the same; it is stored in fitted.parameters.norms',
      'distances between samples',
    ],
    outliers: 'A large value shrinks the other values of its own slice, but no other slice.',
    when: 'Direction matters and magnitude does not: text vectors, embeddings, cosine similarity.',
    sources: ['keras.utils.normalize', 'numpy.linalg.norm', 'scikit-learn Normalizer', 'torch.nn.RMSNorm'],
  },
  parameters: { norms: 'slices' },
  rareParameters: unitParameters,
  invertible: true,
  mergeable: true,
  weighted: false,
  perSample: true,
  outlierSensitive: false,
  validateParameters: (parameters) => checkPositive(parameters, ['norms']),
  reductions: ({ order }) => [isCountOrMost(order) ? extent : powerSum(exponent(order))],
  learn({ order, epsilon }, [state], slices) {
    const plain = plainNorms(order, state);
    const norms = plain.slice();
    for (let at = 0; at < norms.length; at++) {
      const norm = order === 'rms' ? Math.hypot(norms[at], Math.sqrt(epsilon)) : Math.max(norms[at], epsilon);
      norms[at] = norm === 0 ? 1 : norm;
    }
    const parameters = withUnits({ norms }, slices, (at) =>
      needsUnit(0, norms[at]) && !isCountOrMost(order) && norms[at] !== epsilon
        ? scaledRoot(exponent(order), state, at, order === 'rms')
        : undefined,
    );
    return { parameters, constant: epsilon > 0 ? [] : indexesOfZeros(plain) };
  },
  transform: (_, parameters) => standardize(parameters, null, parameters.norms),
  inverse: (_, parameters) => restore(parameters, null, parameters.norms),
  sampleTransform: ({ order, epsilon }) => {
    const by =
      order === 'rms' ? ({ norm: 'rms', added: epsilon } as const) : { norm: exponent(order), atLeast: epsilon };
    return [{ op: 'divide', by }];
  },
  sklearn: {
    class: 'Normalizer',
    axis: 1,
    params: { norm: { option: 'order', values: { l1: 1, l2: 2, max: 'inf' } } },
    ignored: ['copy'],
    nanPolicy: 'raise',
    attributes: () => ({}),
  },
};

export { norm as method };

function plainNorms(order: Options['order'], state: State): Float64Array<ArrayBuffer> {
  if (order === 'rms') return rootOfMean(2, state);
  return isCountOrMost(order) ? fromExtent(order, state) : powerRoot(exponent(order), state);
}

/** The exponent of the sum that a norm is the root of. */
function exponent(order: Options['order']): number {
  if (order === 'rms') return 2;
  if (order === 'inf') return Infinity;
  return order === '-inf' ? -Infinity : order;
}

function isCountOrMost(order: Options['order']): boolean {
  return order === 0 || order === 'inf';
}

function fromExtent(order: Options['order'], state: State): Float64Array<ArrayBuffer> {
  if (order === 0) {
    const zeros = field(extent, state, 'zeros');
    return field(extent, state, 'count').map((count, at) => count - zeros[at]);
  }
  const max = field(extent, state, 'max');
  return field(extent, state, 'min').map((least, at) => Math.max(Math.abs(least), Math.abs(max[at])));
}
