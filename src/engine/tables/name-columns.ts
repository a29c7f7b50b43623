import { listNames } from '#nearest-name.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import type { NormalizationPlan } from '#engine/plan-call.ts';

/** Columns that a warning names in its message. */
const maxListed = 5;

/** The same warnings, with the names of a table's columns beside their places. */
export function nameColumns(
  warnings: readonly Warning[],
  { normalizer, reduced }: Pick<NormalizationPlan, 'normalizer' | 'reduced'>,
  names: readonly string[] | undefined,
): Warning[] {
  const arePerColumn = names !== undefined && reduced.length === 2 && reduced[0] && !reduced[1];
  if (!arePerColumn) return [...warnings];
  const nameOf = (slice: number) => names[normalizer.columns?.[slice] ?? slice];
  return warnings.map((warning) => {
    if (!warning.slices) return warning;
    const columns = warning.slices.map((slice) => nameOf(Number(slice)));
    return { ...warning, message: `${warning.message} Columns: ${listNames(columns, maxListed)}.`, columns };
  });
}
