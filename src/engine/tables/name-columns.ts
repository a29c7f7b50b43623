import { listNames } from '#nearest-name.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import type { NormalizationPlan } from '#engine/plan-call.ts';

/** Columns that a warning names in its message. */
const maxListed = 5;

/** The names of a normalizer's slices, where these are the columns of a table. */
export function namesOfSlices(
  { normalizer, reduced }: Pick<NormalizationPlan, 'normalizer' | 'reduced'>,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  const arePerColumn = names !== undefined && reduced.length === 2 && reduced[0] && !reduced[1];
  if (!arePerColumn) return undefined;
  return normalizer.columns?.map((column) => names[column]) ?? names;
}

/** The same warnings, with the names of a table's columns beside their places. */
export function nameColumns(
  warnings: readonly Warning[],
  plan: Pick<NormalizationPlan, 'normalizer' | 'reduced'>,
  names: readonly string[] | undefined,
): Warning[] {
  const named = namesOfSlices(plan, names);
  if (!named) return [...warnings];
  return warnings.map((warning) => {
    if (!warning.slices) return warning;
    const columns = warning.slices.map((slice) => named[Number(slice)]);
    const message = warning.message.replaceAll('slices', 'columns');
    return { ...warning, message: `${message} Columns: ${listNames(columns, maxListed)}.`, columns };
  });
}
