import { listNames } from '#nearest-name.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import type { LeafPlan } from '#engine/parts/part-plan.ts';

/** Columns that a warning names in its message. */
const maxListed = 5;

/** The names of a normalizer's slices, where these are the columns of a table. */
export function namesOfSlices(
  { reduced, columns, groups }: LeafPlan,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  const arePerColumn = names !== undefined && !groups && reduced.length === 2 && reduced[0] && !reduced[1];
  if (!arePerColumn) return undefined;
  return columns?.map((column) => names[column]) ?? names;
}

/**
 * The same warnings, with the names of a table's columns beside their places, and with the place of the normalizer among
 * those that it is part of.
 */
export function placeWarnings(
  warnings: readonly Warning[],
  leaf: LeafPlan,
  names: readonly string[] | undefined,
): Warning[] {
  if (warnings.length === 0) return [];
  const { pointer } = leaf;
  const place = pointer === '/normalizer' ? {} : { pointer };
  const named = namesOfSlices(leaf, names);
  if (!named) return warnings.map((warning) => ({ ...warning, ...place }));
  return warnings.map((warning) => {
    if (!warning.slices) return { ...warning, ...place };
    const columns = warning.slices.map((slice) => named[Number(slice)]);
    const message = warning.message.replaceAll('slices', 'columns');
    return { ...warning, ...place, message: `${message} Columns: ${listNames(columns, maxListed)}.`, columns };
  });
}
