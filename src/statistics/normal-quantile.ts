import { doublesAt, kernels, copyIn, withScratch } from '#kernels/kernels.ts';

/** The value below which a standard normal variable lies with probability `p`: scipy.stats.norm.ppf. */
export function normalQuantile(p: number): number {
  return withScratch(() => {
    const address = copyIn(Float64Array.of(p));
    kernels.normal_quantile(address, 1);
    return doublesAt(address, 1)[0];
  });
}
