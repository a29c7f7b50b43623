import { Problem } from '#errors.ts';

/** Where the numbers of a call stand in its request elsewhere: nested lists, or the list of a flat tensor. */
const dataPlace = /^\/data(?:\/data)?(?=\/\d|$)/;

/**
 * An error with its places as a request for inference has them. What is wrong with the stored normalizer has no place in it.
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
