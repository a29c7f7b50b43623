import { copyOfDoubles, kernels, copyIn, allocate, withScratch } from '#kernels/kernels.ts';
import { scaleBy } from './binary-scale.ts';
import type { Scaled } from './moment-values.ts';
import { type Reduction, type State, field } from './reduction.ts';

/**
 * The sum of |x|^p of each slice, for any p but 0 and ∞; for p = −∞ the least magnitude. Kept as `sum · 2^(exponent·p)`:
 * scaled where the plain sum would overflow or underflow, and only then. NaN is left out and counted.
 */
export function powerSum(p: number): Reduction {
  return {
    name: `power_sum(${p})`,
    fields: ['count', 'nan', 'exponent', 'sum'],
    empty: [0, 0, 0, p === -Infinity ? Infinity : 0],
    add(tile, state, fieldBytes) {
      kernels.power_sum(tile.x, tile.rows, tile.columns, tile.rowIsSlice, p, !tile.hasNan, state, fieldBytes);
    },
    addRaw:
      p === 1 || p === 2
        ? {
            uint8: (x, stride, rows, columns, rowIsSlice, state, fieldBytes) =>
              kernels.byte_power_sum(x, stride, rows, columns, rowIsSlice, p, state, fieldBytes),
            float32: (x, stride, rows, columns, rowIsSlice, state, fieldBytes) =>
              kernels.single_power_sum(x, stride, rows, columns, rowIsSlice, p, state, fieldBytes),
          }
        : undefined,
    merge(slices, from, fromField, into, intoField) {
      kernels.power_sum_merge(slices, p, from, fromField, into, intoField);
    },
  };
}

/** (Σ|x|^p)^(1/p) of each slice. */
export function powerRoot(p: number, state: State): Float64Array<ArrayBuffer> {
  return rootOf(p, state, field(powerSum(p), state, 'sum'));
}

/** (Σ|x|^p / n)^(1/p) of each slice; 0 of one without values. It does not overflow where the sum itself would. */
export function rootOfMean(p: number, state: State): Float64Array<ArrayBuffer> {
  const counts = field(powerSum(p), state, 'count');
  const means = field(powerSum(p), state, 'sum').map((sum, at) => sum / Math.max(counts[at], 1));
  return rootOf(p, state, means);
}

/** @param scaled sums as the state has them */
function rootOf(p: number, state: State, scaled: Float64Array): Float64Array<ArrayBuffer> {
  return withScratch(() => {
    const exponents = copyIn(field(powerSum(p), state, 'exponent'));
    const sums = copyIn(scaled);
    const roots = allocate(state.slices * 8);
    kernels.power_sum_root(state.slices, p, exponents, sums, roots);
    return copyOfDoubles(roots, state.slices);
  });
}

/**
 * The root of one slice as a power of two and a factor, where a double does not hold it.
 * @param isMean whether it is the root of the mean, not of the sum
 */
export function scaledRoot(p: number, state: State, slice: number, isMean: boolean): Scaled {
  const reduction = powerSum(p);
  const sum = field(reduction, state, 'sum')[slice] / (isMean ? field(reduction, state, 'count')[slice] : 1);
  const exponent = field(reduction, state, 'exponent')[slice];
  if (p === -Infinity || sum === 0 || sum === Infinity) return { exponent: 0, offset: 0, scale: sum === 0 ? 1 : sum };
  // The sum as a factor near 1 and a power of two, whose root is a power of two, too.
  const binary = Math.floor(Math.log2(sum));
  const power = exponent + binary / p;
  const whole = Math.floor(power);
  return { exponent: whole, offset: 0, scale: scaleBy(sum, -binary) ** (1 / p) * 2 ** (power - whole) };
}
