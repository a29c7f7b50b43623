import { problemAt } from '#errors.ts';
import type { Method } from '#normalizers/method.ts';
import type { SampleWeights } from '#statistics/reduce-block.ts';

/** @throws Problem for a method without weights, and for weights that do not fit the samples */
export function checkWeights(
  method: Method,
  values: Float64Array,
  shape: readonly number[],
  total: number,
): SampleWeights {
  const samples = shape[0] ?? 0;
  if (!method.weighted)
    throw problemAt('invalid_request', '/sample_weight', `${method.name} does not support sample_weight.`);
  if (values.length !== samples) {
    throw problemAt('invalid_weights', '/sample_weight', `There are ${values.length} weights for ${samples} samples.`);
  }
  const bad = values.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (bad >= 0) {
    throw problemAt(
      'invalid_weights',
      `/sample_weight/${bad}`,
      `Weights must be finite and not negative; this one is ${values[bad]}.`,
    );
  }
  if (values.every((weight) => weight === 0))
    throw problemAt('invalid_weights', '/sample_weight', 'All weights are zero.');
  if (values.reduce((sum, weight) => sum + weight, 0) * (total / samples) === Infinity) {
    throw problemAt(
      'invalid_weights',
      '/sample_weight',
      'The sum of the weights is beyond the largest double: divide all of them by the same number, which changes nothing.',
    );
  }
  return { values, sampleLength: total / samples };
}
