import type { CommonOptions } from '#normalizers/method.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import type { TensorHeader } from '#tensor/tensor.ts';

/** The data as they are, as a normalizer. */
const asTheyAre = { method: 'passthrough' };

/**
 * What is compared when nothing is named, after what the data look like; the data as they are come first. Columns of a
 * matrix have a scale each; pixels, which uint8 and more than two axes look like, share one.
 * @param hasNaN whether values are missing, which every normalizer then leaves out
 */
export function defaultNormalizers({ dtype, shape }: TensorHeader, hasNaN: boolean): CommonOptions[] {
  const perSample = shape.length > 2 ? shape.slice(1).map((_, i) => i + 1) : -1;
  const isTable = shape.length === 2 && dtype !== 'uint8';
  const perFeature = ['minmax', 'zscore', 'robust', 'power'].map((method) => ({ method, axis: 0 }));
  const wholeArray = ['minmax', 'zscore'].map((method) => ({ method, axis: null }));
  const perPosition = shape.length > 1 ? [{ method: 'zscore', axis: 0 }] : [];
  const scaled = isTable ? perFeature : [...wholeArray, ...perPosition];
  const policy = hasNaN ? { nan_policy: 'omit' } : {};
  return [asTheyAre, ...scaled, { method: 'norm', axis: perSample }].map((one) =>
    Normalizer.parse({ ...one, ...policy }),
  );
}
