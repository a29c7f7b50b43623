import { fewestValues } from '#statistics/sentinels.ts';
import type { Dtype } from '#tensor/dtype.ts';
import type { NormalizationPlan } from './plan-call.ts';

/** The most slices in which a value that stands for a missing one is looked for. */
const maxSlicesWithSentinels = 4096;

/** Whether to look for one: pixels have none, and a method that needs whole slices resists them. */
export function sentinelsMatter(normalization: NormalizationPlan, dtype: Dtype): boolean {
  const { method, needsWholeSlices, scope, layout } = normalization;
  if (dtype === 'uint8' || dtype === 'bool' || needsWholeSlices || method.perSample) return false;
  return scope === 'dataset' && layout.slices <= maxSlicesWithSentinels && !(layout.sliceLength < fewestValues);
}
