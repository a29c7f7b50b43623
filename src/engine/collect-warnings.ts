import {
  fitWarnings,
  outliersDominateWarning,
  outsideDomain,
  outOfRangeWarning,
  precisionLossWarning,
  scaleLostWarning,
  sparsityDestroyedWarning,
  type Warning,
} from '#normalizers/warnings.ts';
import { runTask, type Effects } from './effects.ts';
import { indistinguishableTask } from './indistinguishable.task.ts';
import { quantilesTask } from './quantiles.task.ts';
import type { Observations } from './observations.ts';
import type { NormalizationPlan, CallPlan } from './plan-call.ts';

/** Quantiles that compare the middle 90 % of the values with their range. */
const spread = [0, 0.05, 0.95, 1];

/** The warnings of a call. Some need a second scan of buffered data, and are given only with statistics. */
export function* collectWarnings(
  work: CallPlan,
  normalization: NormalizationPlan,
  observations: Observations,
): Effects<Warning[]> {
  const { normalizer, method, layout, reduced, scope } = normalization;
  const { fit, inputs, outputs, input, output } = observations;
  const warnings = fit ? fitWarnings(normalizer, layout, scope, fit) : [];
  if (work.losesScale) {
    const lost = work.countsIndistinguishable ? yield* runTask(indistinguishableTask, { inputs, outputs }) : undefined;
    if (lost) Object.assign(inputs, { blocks: lost.inputs });
    warnings.push(scaleLostWarning(lost?.count));
  }
  if (work.canRescan && method.outlierSensitive) {
    const { values } = yield* runTask(quantilesTask, {
      data: inputs,
      columns: normalizer.columns,
      reduced,
      quantiles: spread,
    });
    const rows = spread.map((_, at) => values.subarray(at * layout.slices, (at + 1) * layout.slices));
    warnings.push(...outliersDominateWarning(layout, rows));
  }
  if (observations.outsideDomain > 0) warnings.push(outsideDomain(observations.outsideDomain));
  if (observations.outOfRangeCount) warnings.push(outOfRangeWarning(observations.outOfRangeCount));
  if (input && output) warnings.push(...sparsityDestroyedWarning(input.description, output.description));
  warnings.push(...precisionLossWarning(inputs.header.dtype, input?.description, fit?.parameters));
  return warnings;
}
