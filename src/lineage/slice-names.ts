import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { selectedColumns } from '#normalizers/narrow-fitted.ts';
import { profiledShape } from '#normalizers/composition/profiled-slices.ts';
import { unravel } from '#tensor/unravel.ts';

/** What a slice is called: the name of its column, or its index; null where there is one slice alone. */
export type SliceName = string | number | number[] | null;

/** A function that names the slices of a fitted normalizer; of one made of others, those of its profile. */
export function createSliceNames(fitted: Fitted): (slice: number) => SliceName {
  const { columns } = fitted.input;
  const selected = selectedColumns(fitted.normalizer);
  const keptShape = profiledShape(fitted);
  return (slice) => {
    const index = unravel(slice, keptShape);
    if (index.length === 0) return null;
    if (index.length > 1) return index;
    const column = selected ? selected[index[0]] : index[0];
    return columns?.[column] ?? column;
  };
}
