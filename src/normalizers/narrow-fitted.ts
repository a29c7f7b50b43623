import { reducedAxes } from '#tensor/axis.ts';
import type { Fitted } from './fitted-normalizer.ts';
import { methodOf } from './normalizer.ts';

/**
 * What was fitted, for data that hold nothing but columns that are normalized: all of them in the order in which they were
 * selected, or some.
 * @param places which of the normalized columns each column of the data is; absent where all are there in their order
 */
export function narrowFitted(fitted: Fitted, places?: readonly number[]): Fitted {
  const { columns, ...normalizer } = fitted.normalizer;
  const { input, keptShape, samplesSeen } = fitted;
  const last = input.shape.length - 1;
  const hasColumns = !reducedAxes(normalizer.axis, input.shape.length)[last];
  const width = places?.length ?? columns?.length ?? input.shape[last];
  const narrowed: Fitted = {
    normalizer,
    // How many there are matters only where each has parameters of its own.
    input: { ...input, shape: [...input.shape.slice(0, -1), input.shape[last] === null ? null : width] },
    parameters: fitted.parameters,
    keptShape,
    samplesSeen,
    scope: fitted.scope,
  };
  if (!places || !hasColumns) return narrowed;
  const all = keptShape[keptShape.length - 1];
  const along = methodOf(normalizer).parameters;
  const parameters = Object.entries(fitted.parameters).map(([name, values]) => [
    name,
    along[name] === 'landmarks' ? values : pickColumns(values, all, places),
  ]);
  return {
    ...narrowed,
    parameters: Object.fromEntries(parameters),
    keptShape: [...keptShape.slice(0, -1), places.length],
    samplesSeen: typeof samplesSeen === 'number' ? samplesSeen : pickColumns(samplesSeen, all, places),
  };
}

/** Some columns of rows that are `width` long. */
export function pickColumns(
  values: Float64Array<ArrayBuffer>,
  width: number,
  places: readonly number[],
): Float64Array<ArrayBuffer> {
  const rows = values.length / Math.max(width, 1);
  const picked = new Float64Array(rows * places.length);
  for (let row = 0; row < rows; row++) {
    places.forEach((place, at) => (picked[row * places.length + at] = values[row * width + place]));
  }
  return picked;
}
