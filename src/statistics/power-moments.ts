import { doublesAt, kernels, copyIn, allocate, withScratch } from '#kernels/kernels.ts';
import { moments } from './moments.ts';

/** The kernels' numbers of the power transforms. */
export const powerKinds = { 'yeo-johnson': 0, 'yeo-johnson-inverse': 1, 'box-cox': 2, 'box-cox-inverse': 3 } as const;

/** Mean and sum of squared deviations of one slice's values after a power transform. */
export function powerMoments(
  values: Float64Array,
  lambda: number,
  kind: keyof typeof powerKinds,
): { mean: number; m2: number } {
  return withScratch(() => {
    const x = copyIn(values);
    kernels.power_step(powerKinds[kind], x, 1, values.length, copyIn(Float64Array.of(lambda)), 0);
    const state = allocate(moments.fields.length * 8);
    doublesAt(state, moments.fields.length).set(moments.empty);
    kernels.moments(x, 1, values.length, true, state, 8);
    const seen = doublesAt(state, moments.fields.length);
    return { mean: seen[moments.fields.indexOf('mean')], m2: seen[moments.fields.indexOf('m2')] };
  });
}
