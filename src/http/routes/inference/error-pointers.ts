import { Problem } from '#errors.ts';

/** Where other calls have their numbers: nested lists, or the list of a flat tensor. */
const dataPlace = /^\/data(?:\/data)?(?=\/\d|$)/;

/**
 * Rewrites the pointers of an error to places in an inference request. Errors of the stored normalizer have none there.
 */
export function relocatePointers(error: unknown): unknown {
  if (!(error instanceof Problem) || error.errors.length === 0) return error;
  const places = error.errors.map(({ pointer, detail }) => ({
    pointer: pointer === '/data' ? '/inputs/0' : pointer.replace(dataPlace, '/inputs/0/data'),
    detail,
  }));
  const own = places.filter(({ pointer }) => /^$|^\/(inputs|outputs|parameters|id)(\/|$)/.test(pointer));
  return new Problem(error.code, error.message, own);
}
