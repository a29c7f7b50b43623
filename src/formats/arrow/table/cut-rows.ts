import { rowsPerBatch } from '#tables/batch-rows.ts';
import { sliceCarried } from '#tensor/carried.ts';
import { elementCount } from '#tensor/shape.ts';
import type { ArrowRows } from '../decode.ts';

/** A record batch as smaller ones of the wanted columns, which are views on it: writers make some of a million rows. */
export function* cutRows(
  { rows, columns: all, listShape }: ArrowRows,
  wanted?: readonly number[],
): Generator<ArrowRows, void> {
  const columns = wanted ? wanted.map((column) => all[column]) : all;
  const perRow = listShape ? elementCount(listShape) : columns.length;
  const step = rowsPerBatch(perRow);
  const valuesOfRow = listShape ? perRow : 1;
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(from + step, rows);
    const cut = columns.map((column) => sliceCarried(column, from * valuesOfRow, to * valuesOfRow));
    yield { rows: to - from, columns: cut, listShape };
  }
}
