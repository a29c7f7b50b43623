import type { Method } from '../method.ts';

/** What a composed method has of the members of a method: its parts learn and compute. */
export const composed = {
  parameters: {},
  weighted: false,
  perSample: false,
  outlierSensitive: false,
  invertible: true,
  mergeable: true,
  reductions: () => [],
  learn: () => ({ parameters: {}, constant: [] }),
  transform: () => [],
  inverse: () => [],
} satisfies Partial<Method>;
