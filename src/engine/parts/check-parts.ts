import { problemAt } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { Method } from '#normalizers/method.ts';
import type { Scope } from '#normalizers/scope.ts';
import { formatShape, hasUnknownLength } from '#tensor/shape.ts';

/** What is wrong where the groups of the samples are not known. */
export function missingGroups(by: string | undefined) {
  const detail =
    by === undefined
      ? 'grouped needs to know the groups: give one label per index of axis 0 as groups beside the data, or name a column of a table by its option by.'
      : `The data have no column names, so that none is ${quoteName(by)}: leave by out, and give the groups beside the data.`;
  return problemAt('invalid_groups', '/groups', detail);
}

/** @throws Problem where groups cannot have parameters of their own */
export function checkGroupable<Index>({ name, parameters }: Method, scope: Scope, groups: Index): Index {
  if (scope === 'sample') {
    const detail = `${name} is computed sample by sample here, whatever the group: put it before or behind grouped in a pipeline.`;
    throw problemAt('axis_out_of_range', '/normalizer/axis', detail);
  }
  const hasLandmarks = Object.values(parameters).some((along) => along !== 'slices');
  if (!hasLandmarks) return groups;
  const detail = `${name} is not fitted within groups: its parameters have no place for a group. zscore, minmax, maxabs, mean_range, robust, power and clip are.`;
  throw problemAt('not_computable', '/normalizer/method', detail);
}

/** Under sample scope the parameters belong to the samples of one batch. */
export function checkSlices({ keptShape: kept }: Fitted, found: readonly number[]): void {
  if (hasUnknownLength(found)) return;
  if (formatShape(kept) === formatShape(found)) return;
  throw problemAt(
    'shape_mismatch',
    '/data',
    `The data have slices of shape ${formatShape(found)}, but the parameters belong to a batch of shape ${formatShape(kept)}.`,
  );
}
