import { problemAt } from '#errors.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { leavesOf, learns, takesWeights } from '#normalizers/composition/parts.ts';
import { elementCount } from '#tensor/shape.ts';

/**
 * @param columns that are normalized; all of them where absent
 * @throws Problem for a method without weights, and for weights that do not fit the samples
 */
export function checkWeights(
  normalizer: CommonOptions,
  values: Float64Array,
  shape: readonly number[],
  columns?: number,
): void {
  const samples = shape[0] ?? 0;
  if (!takesWeights(normalizer)) throw problemAt('invalid_request', '/sample_weight', withoutWeights(normalizer));
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
  const sampleLength = columns ?? elementCount(shape) / samples;
  if (values.reduce((sum, weight) => sum + weight, 0) * sampleLength === Infinity) {
    throw problemAt(
      'invalid_weights',
      '/sample_weight',
      'The sum of the weights is beyond the largest double: divide all of them by the same number, which changes nothing.',
    );
  }
}

function withoutWeights(normalizer: CommonOptions): string {
  const leaf = leavesOf(normalizer).find((one) => learns(one) && !takesWeights(one)) ?? normalizer;
  return `${leaf.method} does not support sample_weight.`;
}
