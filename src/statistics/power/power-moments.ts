import { doublesAt, kernels, copyIn, allocate, withScratch } from '#kernels/kernels.ts';
import { type Scaled, spreadOf } from '../moment-values.ts';
import { moments } from '../moments.ts';
import { stateAt } from '../reduction.ts';

/** The kernels' numbers of the power transforms. */
export const powerKinds = { 'yeo-johnson': 0, 'yeo-johnson-inverse': 1, 'box-cox': 2, 'box-cox-inverse': 3 } as const;

export interface PowerMoments {
  mean: number;
  deviation: number;
  scaled: Scaled;
}

/**
 * Mean and population deviation of one slice's values after a power transform.
 * @param reference what the transform is relative to, as in `power-near.ts`
 */
export function powerMoments(
  values: Float64Array,
  lambda: number,
  kind: keyof typeof powerKinds,
  reference?: number,
): PowerMoments {
  return withScratch(() => {
    const x = copyIn(values);
    const lambdas = copyIn(Float64Array.of(lambda));
    if (reference === undefined) kernels.power_step(powerKinds[kind], x, 1, values.length, lambdas, 0);
    else {
      kernels.power_near_step(powerKinds[kind], x, 1, values.length, lambdas, copyIn(Float64Array.of(reference)), 0);
    }
    const state = allocate(moments.fields.length * 8);
    doublesAt(state, moments.fields.length).set(moments.empty);
    kernels.moments(x, 1, values.length, true, state, 8);
    const spread = spreadOf(stateAt(moments, state, 0, 1), 0);
    return { mean: spread.mean[0], deviation: spread.deviation[0], scaled: spread.scaled(0) };
  });
}
