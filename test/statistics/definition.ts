import assert from 'node:assert/strict';
import { quantilesOf } from '#statistics/quantiles/quantiles.ts';
import { type Axis, reducedAxes } from '#tensor/axis.ts';
import type { Dtype } from '#tensor/dtype.ts';
import { layoutOf } from '#tensor/layout.ts';
import { eachViewOf } from './each-view.ts';
import { doublesOf, type Elements } from './elements.ts';

/** Elements of a block, as the service cuts them. */
const usualBlock = 2 ** 18;

export interface Asked {
  dtype: Dtype;
  shape: number[];
  axis: Axis;
  elements: Elements;
  quantiles: readonly number[];
  blockLength?: number;
}

export function got({ dtype, shape, axis, elements, quantiles, blockLength = usualBlock }: Asked): Float64Array {
  const layout = layoutOf(shape, reducedAxes(axis, shape.length));
  return quantilesOf(eachViewOf(dtype, elements, blockLength), layout, quantiles);
}

/** Compares with the definition, up to a rounding or two of the interpolation. */
export function assertAsDefined(asked: Asked): void {
  const { dtype, shape, axis, elements, quantiles } = asked;
  const slices = slicesOf(doublesOf(dtype, elements), shape, axis);
  const sorted = slices.map((slice) => slice.filter((value) => !Number.isNaN(value)).sort());
  const results = got(asked);
  assert.equal(results.length, quantiles.length * slices.length);
  results.forEach((result, at) => {
    const quantile = quantiles[Math.floor(at / slices.length)];
    const { value, around } = quantileOfSorted(sorted[at % slices.length], quantile);
    // Near zero the definition itself rounds each of its products to a multiple of the smallest number.
    const rounding = 4 * Number.EPSILON * Math.max(Math.abs(around[0]), Math.abs(around[1])) + 2 * Number.MIN_VALUE;
    const equal = Object.is(result, value) || result === value || Math.abs(result - value) <= rounding;
    assert.ok(
      equal,
      `${dtype} [${shape.join()}] axis ${String(axis)}: quantile ${quantile} is ${result} instead of ${value}`,
    );
  });
}

/** The slices by the definition of NumPy's reductions. */
export function slicesOf(values: Float64Array, shape: number[], axis: Axis): Float64Array[] {
  const reduced = reducedAxes(axis, shape.length);
  const slices = shape.reduce((product, length, at) => (reduced[at] ? product : product * length), 1);
  if (slices === 1) return [values];
  const found: number[][] = Array.from({ length: slices }, () => []);
  values.forEach((value, flat) => {
    let slice = 0;
    let step = 1;
    let rest = flat;
    for (let at = shape.length - 1; at >= 0; at--) {
      if (!reduced[at]) {
        slice += (rest % shape[at]) * step;
        step *= shape[at];
      }
      rest = Math.floor(rest / shape[at]);
    }
    found[slice].push(value);
  });
  return found.map((slice) => Float64Array.from(slice));
}

/** The interpolated value, and the two it lies between. */
function quantileOfSorted(sorted: Float64Array, quantile: number): { value: number; around: [number, number] } {
  const position = quantile * (sorted.length - 1);
  const low = sorted[Math.floor(position)] ?? NaN;
  const high = sorted[Math.ceil(position)] ?? NaN;
  const share = position - Math.floor(position);
  return { value: low === high ? low : low * (1 - share) + high * share, around: [low, high] };
}
