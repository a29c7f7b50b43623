import { type Method } from './method.ts';

/**
 * `dataset` when axis 0 is reduced: the parameters apply to other batches too. `sample` when it is not: they belong to
 * this batch's own samples. `mixed` is of a normalizer made of some of either.
 */
export type Scope = 'dataset' | 'sample' | 'mixed';

/** To a method that works per sample, an array of rank 0 or 1 is one sample. */
export function scopeOf(method: Method, reduced: readonly boolean[]): Scope {
  if (method.perSample && reduced.length <= 1) return 'sample';
  return reduced.length === 0 || reduced[0] ? 'dataset' : 'sample';
}

/** The input's shape as far as another batch must have it: `null` along axis 0 and along the reduced axes. */
export function fittedShape(shape: readonly number[], reduced: readonly boolean[]): (number | null)[] {
  return shape.map((length, axis) => (axis === 0 || reduced[axis] ? null : length));
}

/** The scope of a normalizer made of others. */
export function joinScopes(scopes: readonly Scope[]): Scope {
  const [first = 'dataset'] = scopes;
  return scopes.every((scope) => scope === first) ? first : 'mixed';
}

/**
 * The shape of what a normalizer made of others takes, as far as another batch must have it.
 * @param parts the same of each of them
 * @param dividesColumns whether they take columns of their own
 */
export function composedShape(
  shape: readonly number[],
  parts: readonly (readonly (number | null)[])[],
  dividesColumns: boolean,
): (number | null)[] {
  return shape.map((length, axis) => {
    const isFixed = (dividesColumns && axis === shape.length - 1) || parts.some((part) => part[axis] !== null);
    return axis > 0 && isFixed ? length : null;
  });
}
