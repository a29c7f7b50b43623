import type { Method } from '#normalizers/method.ts';
import type { Scope } from '#normalizers/scope.ts';
import { fewestValues } from '#statistics/sentinels.ts';
import type { Dtype } from '#tensor/dtype.ts';
import type { Layout } from '#tensor/layout.ts';

/** The most slices in which a value that stands for a missing one is looked for. */
const maxSlicesWithSentinels = 4096;

interface Normalization {
  method: Method;
  needsWholeSlices: boolean;
  scope: Scope;
  layout: Layout;
}

/** Whether to look for sentinels. Pixels have none, and methods that need whole slices are robust to them. */
export function sentinelsMatter(normalization: Normalization, dtype: Dtype): boolean {
  const { method, needsWholeSlices, scope, layout } = normalization;
  if (dtype === 'uint8' || dtype === 'bool' || needsWholeSlices || method.perSample) return false;
  return scope === 'dataset' && layout.slices <= maxSlicesWithSentinels && !(layout.sliceLength < fewestValues);
}
