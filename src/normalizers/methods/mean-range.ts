import * as z from 'zod';
import { scaleBy, smallestNormal } from '#statistics/binary-scale.ts';
import { extent } from '#statistics/extent.ts';
import { spreadOf } from '#statistics/moment-values.ts';
import { moments, momentsWithNan } from '#statistics/moments.ts';
import { field } from '#statistics/reduction.ts';
import { type Method, handleZerosInScale, indexesOfZeros } from '#normalizers/method.ts';
import { axisOption, clipToRange, commonOptions } from '#normalizers/common-options.ts';
import { divideByRange, multiplyByRange, rangeOf } from '#normalizers/range-steps.ts';
import { restore, standardize, unitParameters, withUnits } from '../unit.ts';

const schema = z
  .strictObject({
    method: z.literal('mean_range'),
    axis: axisOption(0),
    ...commonOptions,
    clip: clipToRange('[-1, 1]').optional(),
  })
  .meta({ id: 'MeanRange', title: 'mean_range', description: 'Subtracts the mean and divides by the range.' });

type Options = z.output<typeof schema>;

/** Mean normalization: `(x − mean) / data_range`. */
const meanRange: Method<Options> = {
  name: 'mean_range',
  schema,
  about: {
    title: 'Mean normalization',
    formula: 'y = (x − mean) / data_range, data_range = data_max − data_min',
    keeps: [
      'the order of the values',
      'the shape of the distribution: skewness and kurtosis do not change',
      'ratios of distances within a slice',
    ],
    loses: [
      'the origin: zeros shift, so sparse data become dense',
      'the unit, the mean and the range, which are stored in fitted.parameters',
    ],
    outliers: 'A single extreme value sets the range and squeezes all others together around the mean.',
    when: 'Inputs should be centered and bounded: the output lies in [-1, 1] and has mean 0.',
    sources: ['A. Ng, Machine Learning (Coursera, 2011): mean normalization'],
  },
  parameters: { mean: 'slices', data_min: 'slices', data_max: 'slices', data_range: 'slices' },
  rareParameters: unitParameters,
  invertible: true,
  mergeable: true,
  weighted: true,
  perSample: false,
  outlierSensitive: false,
  fittedRange: ({ data_min, data_max }) => ({ low: data_min, high: data_max }),
  reductions: ({ nan_policy }) => [nan_policy === 'propagate' ? momentsWithNan : moments, extent],
  learn(_, [powers, seen], slices) {
    const spread = spreadOf(powers, 0);
    const { mean } = spread;
    const data_min = field(extent, seen, 'min').slice();
    const data_max = field(extent, seen, 'max').slice();
    const data_range = data_max.map((most, at) => most - data_min[at]);
    const isFlushed = (range: number) => range > 0 && range < smallestNormal;
    const isAnyFlushed = data_range.some(isFlushed);
    const parameters = withUnits({ mean, data_min, data_max, data_range }, slices, (at) => {
      if (!isAnyFlushed || !(isFlushed(data_range[at]) || data_range[at] === Infinity)) return undefined;
      const { exponent, offset } = spread.scaled(at);
      return { exponent, offset, scale: scaleBy(data_max[at], -exponent) - scaleBy(data_min[at], -exponent) };
    });
    return { parameters, constant: indexesOfZeros(data_range) };
  },
  outputRange: () => [-1, 1],
  transform: (_, parameters) =>
    parameters.unit
      ? standardize(parameters, parameters.mean, handleZerosInScale(parameters.data_range))
      : divideByRange(rangeOf(parameters, parameters.mean)),
  inverse: (_, parameters) =>
    parameters.unit
      ? restore(parameters, parameters.mean, handleZerosInScale(parameters.data_range))
      : multiplyByRange(rangeOf(parameters, parameters.mean)),
};

export { meanRange as method };
