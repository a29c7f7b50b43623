import { problemAt } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';
import { createTextReader } from '#tables/carried-text.ts';
import type { CarriedColumn } from '#tensor/carried.ts';

/**
 * The weights that a column of a table holds.
 * @throws Problem invalid_weights for a row that holds no number
 */
export function weightsFromColumn(column: CarriedColumn | undefined, name: string): Float64Array<ArrayBuffer> {
  if (!column) return new Float64Array(0);
  const textAt = createTextReader(column);
  const weights = new Float64Array(column.length);
  for (let row = 0; row < weights.length; row++) {
    const text = textAt(row)?.trim() ?? '';
    weights[row] = text === '' ? NaN : Number(text);
    if (Number.isNaN(weights[row])) {
      const shown = text === '' ? 'nothing' : quoteName(text);
      const detail = `The weight in row ${row} of the column ${quoteName(name)} is ${shown}, and not a number.`;
      throw problemAt('invalid_weights', '/sample_weight', detail);
    }
  }
  return weights;
}
