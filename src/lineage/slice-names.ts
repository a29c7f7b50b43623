import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { unravel } from '#tensor/unravel.ts';

/** What a slice is called: the name of its column, or its index; null where there is one slice alone. */
export type SliceName = string | number | number[] | null;

/** A function that names the slices of a fitted normalizer. */
export function createSliceNames({ input, normalizer, keptShape }: Fitted): (slice: number) => SliceName {
  const { columns } = input;
  const selected = normalizer.columns;
  return (slice) => {
    const index = unravel(slice, keptShape);
    if (index.length === 0) return null;
    if (index.length > 1) return index;
    const column = selected ? selected[index[0]] : index[0];
    return columns?.[column] ?? column;
  };
}
