import { Problem } from '#errors.ts';
import type { ArrayFloat, FloatDtype } from '#tensor/dtype.ts';

/**
 * The dtype of an answer in a format that has no bfloat16.
 * @param format what a message calls it
 * @throws Problem not_computable
 */
export function heldDtype(dtype: FloatDtype, format: string): ArrayFloat {
  if (dtype !== 'bfloat16') return dtype;
  throw new Problem('not_computable', `${format} has no bfloat16: ask for JSON, or for output_dtype=float32.`);
}
