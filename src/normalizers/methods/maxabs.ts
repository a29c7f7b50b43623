import * as z from 'zod';
import { extent } from '#statistics/extent.ts';
import { field } from '#statistics/reduction.ts';
import { checkPositive, type Method, handleZerosInScale, indexesOfZeros } from '#normalizers/method.ts';
import { axisOption, clipToRange, commonOptions } from '#normalizers/common-options.ts';

const schema = z
  .strictObject({
    method: z.literal('maxabs'),
    axis: axisOption(0),
    ...commonOptions,
    clip: clipToRange('[-1, 1]').default(false),
  })
  .meta({ id: 'MaxAbs', title: 'maxabs', description: 'Divides each slice by its largest magnitude.' });

type Options = z.output<typeof schema>;

/** Division by the largest magnitude: `x / max_abs`, as scikit-learn's MaxAbsScaler. */
const maxabs: Method<Options> = {
  name: 'maxabs',
  schema,
  about: {
    title: 'Division by the largest magnitude',
    formula: 'y = x / max_abs',
    keeps: [
      'zeros, and so sparsity',
      'signs',
      'the order of the values',
      'the shape of the distribution',
      'ratios within a slice',
    ],
    loses: ['the unit and the original magnitude, which are stored in fitted.parameters'],
    outliers: 'A single extreme value sets the scale and squeezes all others together.',
    when: 'Sparse data, or data already centered at zero, should be in [-1, 1].',
    sources: ['scikit-learn MaxAbsScaler'],
  },
  parameters: { max_abs: 'slices', scale: 'slices' },
  invertible: true,
  mergeable: true,
  weighted: false,
  perSample: false,
  outlierSensitive: true,
  fittedRange: ({ max_abs }) => ({ low: max_abs.map((most) => -most), high: max_abs }),
  validateParameters: (parameters) => checkPositive(parameters, ['scale']),
  reductions: () => [extent],
  learn(_, [state]) {
    const max = field(extent, state, 'max');
    const max_abs = field(extent, state, 'min').map((least, at) => Math.max(Math.abs(least), Math.abs(max[at])));
    return { parameters: { max_abs, scale: handleZerosInScale(max_abs) }, constant: indexesOfZeros(max_abs) };
  },
  outputRange: () => [-1, 1],
  transform: (_, { scale }) => [{ op: 'divide', by: scale }],
  inverse: (_, { scale }) => [{ op: 'multiply', by: scale }],
  sklearn: {
    class: 'MaxAbsScaler',
    axis: 0,
    params: { clip: { option: 'clip', isBoolean: true, recent: true } },
    ignored: ['copy'],
    nanPolicy: 'omit',
    attributes: () => ({ max_abs_: 'max_abs', scale_: 'scale' }),
    countsSamples: true,
  },
};

export { maxabs as method };
