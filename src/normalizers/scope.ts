import { type Method } from './method.ts';

/**
 * `dataset` when axis 0 is reduced: the parameters apply to other batches too. `sample` when it is not: they belong to
 * this batch's own samples.
 */
export type Scope = 'dataset' | 'sample';

/** To a method that works per sample, an array of rank 0 or 1 is one sample. */
export function scopeOf(method: Method, reduced: readonly boolean[]): Scope {
  if (method.perSample && reduced.length <= 1) return 'sample';
  return reduced.length === 0 || reduced[0] ? 'dataset' : 'sample';
}

/** The input's shape as far as another batch must have it: `null` along axis 0 and along the reduced axes. */
export function fittedShape(shape: readonly number[], reduced: readonly boolean[]): (number | null)[] {
  return shape.map((length, axis) => (axis === 0 || reduced[axis] ? null : length));
}
