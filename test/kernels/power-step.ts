import { doublesAt, kernels, copyIn, withScratch } from '#kernels/kernels.ts';

/** The numbers of `power_step` for a transform and its inverse. */
export const transform = {
  'yeo-johnson': { forward: 0, inverse: 1 },
  'box-cox': { forward: 2, inverse: 3 },
} as const;

export type Kind = keyof typeof transform;

/** How the lambdas run along a tile. */
export const mode = { all: 0, rows: 1, columns: 2 } as const;

/** What `power_step` makes of a tile of so many rows. */
export function powerStep(kind: number, x: number[], lambdas: number[], rows = 1, along: number = mode.all): number[] {
  return withScratch(() => {
    const tile = copyIn(Float64Array.from(x));
    kernels.power_step(kind, tile, rows, x.length / rows, copyIn(Float64Array.from(lambdas)), along);
    return [...doublesAt(tile, x.length)];
  });
}

export function meanOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function varianceOf(values: number[]): number {
  const mean = meanOf(values);
  return meanOf(values.map((value) => (value - mean) ** 2));
}
