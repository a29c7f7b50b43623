import { quantilesOf } from '#statistics/quantiles/quantiles.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { layoutOf } from '#tensor/layout.ts';
import { eachViewOf } from '../../test/statistics/each-view.ts';
import type { Case, Given } from './cases.ts';

const usualBlock = 2 ** 18;

/** Exact quantiles, in this thread. */
export function quantileCases({ dtype, elements, shape }: Given): Case[] {
  const eachView = eachViewOf(dtype, elements, usualBlock);
  const of = (axis: number | null, quantiles: number[]) => () =>
    quantilesOf(eachView, layoutOf(shape, reducedAxes(axis, shape.length)), quantiles);
  const isTarget = dtype === 'float64' && elements.length === 10 ** 7;
  return [
    { what: 'median', axis: null, target: isTarget ? { numpy: 1 } : undefined, compute: of(null, [0.5]) },
    ...([0, -1, null] as const).map((axis) => ({ what: 'quartiles', axis, compute: of(axis, [0.25, 0.5, 0.75]) })),
  ];
}
