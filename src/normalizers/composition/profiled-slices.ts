import type { Axis } from '#tensor/axis.ts';
import { keptShape, reducedAxes } from '#tensor/axis.ts';
import type { Fitted } from '../fitted-normalizer.ts';
import type { ResolvedOptions } from '../method.ts';
import { selectedColumns } from '../narrow-fitted.ts';
import { compositionOf } from './parts.ts';

/** Which slices of the data a profile is of: those of a plain normalizer, and the columns of one made of others. */
export function profiledSlices(normalizer: ResolvedOptions): { axis: Axis; columns?: number[] } {
  const columns = selectedColumns(normalizer);
  return { axis: compositionOf(normalizer) ? 0 : normalizer.axis, columns };
}

/** The shape of one value per slice of a profile. */
export function profiledShape({ normalizer, keptShape: kept, input: { shape } }: Fitted): number[] {
  if (!compositionOf(normalizer)) return kept;
  const { axis, columns } = profiledSlices(normalizer);
  const lengths = keptShape(shape, reducedAxes(axis, shape.length)).map((length) => length ?? 1);
  return columns ? [...lengths.slice(0, -1), columns.length] : lengths;
}
