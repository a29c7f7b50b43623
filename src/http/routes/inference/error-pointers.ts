import { Problem } from '#errors.ts';

/** Where other calls have their numbers: nested lists, or the list of a flat tensor. */
const dataPlace = /^\/data(?:\/data)?(?=\/\d|$)/;

/** Where a table of records has them: a row, and the name of a column. */
const recordPlace = /^\/data\/(\d+)\/(.*)$/;

/**
 * Rewrites the pointers of an error to places in an inference request. Errors of the stored normalizer have none there.
 * @param names of the inputs, where they are columns
 */
export function relocatePointers(error: unknown, names?: readonly string[]): unknown {
  if (!(error instanceof Problem) || error.errors.length === 0) return error;
  const places = error.errors.map(({ pointer, detail }) => ({ pointer: relocate(pointer, names), detail }));
  const own = places.filter(({ pointer }) => /^$|^\/(inputs|outputs|parameters|id)(\/|$)/.test(pointer));
  return new Problem(error.code, error.message, own);
}

function relocate(pointer: string, names?: readonly string[]): string {
  if (!names) return pointer === '/data' ? '/inputs/0' : pointer.replace(dataPlace, '/inputs/0/data');
  const [, row, column] = recordPlace.exec(pointer) ?? [];
  if (column === undefined) return pointer === '/data' ? '/inputs' : pointer;
  const name = column.replaceAll('~1', '/').replaceAll('~0', '~');
  return `/inputs/${names.indexOf(name)}/data/${row}`;
}
