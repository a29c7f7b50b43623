import * as z from 'zod';
import { extent } from '#statistics/extent.ts';
import { field } from '#statistics/reduction.ts';
import { type Method, handleZerosInScale, indexesOfZeros } from '#normalizers/method.ts';
import { axisOption, clipToRange, commonOptions, rangeOption } from '#normalizers/common-options.ts';
import { divideByRange, multiplyByRange, rangeOf } from '#normalizers/range-steps.ts';

const schema = z
  .strictObject({
    method: z.literal('minmax'),
    axis: axisOption(0),
    feature_range: rangeOption('The range that the fitted minimum and maximum map to.').default([0, 1]),
    ...commonOptions,
    clip: clipToRange('feature_range').default(false),
  })
  .meta({ id: 'MinMax', title: 'minmax', description: 'Scales each slice linearly to feature_range.' });

type Options = z.output<typeof schema>;

/**
 * Min-max scaling: `lo + (x − data_min) / data_range · (hi − lo)`.
 *
 * scikit-learn's MinMaxScaler computes `x · scale + min` instead, which loses large offsets and leaves its range by
 * rounding; here the quotient is formed first. `scale` and `min` are reported as there.
 */
const minmax: Method<Options> = {
  name: 'minmax',
  schema,
  about: {
    title: 'Min-max scaling',
    formula: 'y = lo + (x − data_min) / data_range · (hi − lo)',
    keeps: [
      'the order of the values',
      'the shape of the distribution: skewness and kurtosis do not change',
      'ratios of distances within a slice',
    ],
    loses: [
      'the origin: zeros shift unless data_min is 0',
      'the unit and the original range, which are stored in fitted.parameters',
    ],
    outliers: 'A single extreme value sets the range and squeezes all others together.',
    when: 'The range is known and bounded, as with pixels, or a model expects inputs in a fixed range.',
    sources: ['scikit-learn MinMaxScaler'],
  },
  parameters: { data_min: 'slices', data_max: 'slices', data_range: 'slices', scale: 'slices', min: 'slices' },
  invertible: true,
  mergeable: true,
  weighted: false,
  perSample: false,
  outlierSensitive: true,
  fittedRange: ({ data_min, data_max }) => ({ low: data_min, high: data_max }),
  validateParameters({ data_min, data_max }) {
    const bad = data_max.findIndex((most, at) => most < data_min[at]);
    return bad < 0
      ? undefined
      : { parameter: 'data_max', detail: `data_max must not be below data_min; got ${data_max[bad]}.` };
  },
  reductions: () => [extent],
  learn({ feature_range: [low, high] }, [state]) {
    const data_min = field(extent, state, 'min').slice();
    const data_max = field(extent, state, 'max').slice();
    const data_range = data_max.map((most, at) => most - data_min[at]);
    const scale = handleZerosInScale(data_range).map((range) => (high - low) / range);
    const min = data_min.map((least, at) => (least === 0 ? low : low - least * scale[at]));
    return {
      parameters: { data_min, data_max, data_range, scale, min },
      constant: indexesOfZeros(data_range),
    };
  },
  outputRange: ({ feature_range }) => feature_range,
  transform({ feature_range: [low, high] }, parameters) {
    const steps = divideByRange(rangeOf(parameters, parameters.data_min));
    if (low !== 0 || high !== 1) steps.push({ op: 'stretch', low, high });
    return steps;
  },
  inverse({ feature_range: [low, high] }, parameters) {
    const steps = multiplyByRange(rangeOf(parameters, parameters.data_min));
    if (low === 0 && high === 1) return steps;
    return [{ op: 'subtract', by: low }, { op: 'divide', by: high - low }, ...steps];
  },
  sklearn: {
    class: 'MinMaxScaler',
    axis: 0,
    params: { feature_range: { option: 'feature_range' }, clip: { option: 'clip', isBoolean: true } },
    ignored: ['copy'],
    nanPolicy: 'omit',
    attributes: () => ({
      data_min_: 'data_min',
      data_max_: 'data_max',
      data_range_: 'data_range',
      scale_: 'scale',
      min_: 'min',
    }),
    countsSamples: true,
    contradiction: contradictionOf,
  },
};

export { minmax as method };

/** How far attributes that were computed in float32 may be from each other. */
const tolerance = 1e-6;

/** scikit-learn computes with `scale_` and `min_`, this method with `data_min` and `data_max`. */
function contradictionOf({ feature_range: [low, high] }: Options, parameters: Readonly<Record<string, Float64Array>>) {
  const { data_min, data_max, scale, min } = parameters;
  for (let index = 0; index < scale.length; index++) {
    const expected = (high - low) / (data_max[index] - data_min[index] || 1);
    if (Math.abs(scale[index] - expected) > tolerance * expected) {
      const detail = `It is ${scale[index]}, but the width of feature_range divided by the data range is ${expected}. scikit-learn treats a range below 10 ε as constant; here it is scaled.`;
      return { attribute: 'scale_', index, detail };
    }
    const shift = data_min[index] * scale[index];
    if (Math.abs(min[index] - (low - shift)) > tolerance * Math.max(Math.abs(low), Math.abs(shift))) {
      const detail = `It is ${min[index]}, but feature_range, data_min_ and scale_ give ${low - shift}.`;
      return { attribute: 'min_', index, detail };
    }
  }
  return undefined;
}
