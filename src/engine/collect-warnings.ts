import {
  misfitWarnings,
  outputPrecisionLoss,
  parameterOverflow,
  precisionLoss,
  sentinelWarnings,
  tailWarnings,
} from '#normalizers/warnings/number-warnings.ts';
import type { Parameters } from '#normalizers/method.ts';
import { rangeSuspicious } from '#normalizers/warnings/range-suspicious.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import {
  fitWarnings,
  outliersDominateWarning,
  outOfRangeWarning,
  scaleLostWarning,
  sparsityDestroyedWarning,
} from '#normalizers/warnings/warnings.ts';
import { findSentinels } from '#statistics/sentinels.ts';
import { runTask, type Effects } from './effects.ts';
import { indistinguishableTask } from './blocks/indistinguishable.task.ts';
import { quantilesTask } from './blocks/quantiles.task.ts';
import type { Observations } from './observations.ts';
import type { Call, NormalizationPlan, CallPlan } from './plan-call.ts';

/** Quantiles that compare the middle 90 % of the values with their range. */
const spread = [0, 0.05, 0.95, 1];

/** The warnings of a call. Some need a second scan of buffered data, and are given only with statistics. */
export function* collectWarnings(
  call: Call,
  work: CallPlan,
  normalization: NormalizationPlan,
  observations: Observations,
): Effects<Warning[]> {
  const { normalizer, layout, scope } = normalization;
  const { fit, input, output } = observations;
  const isInverse = call.operation === 'inverse-transform';
  const parameters = fit?.parameters ?? call.fitted?.parameters ?? {};
  const warnings = fit && !isInverse ? fitWarnings(normalizer, layout, scope, fit) : [];
  if (normalization.fits && fit) warnings.push(...parameterOverflow(normalizer, layout, fit.parameters));
  yield* rescanForWarnings(work, normalization, observations, warnings);
  if (observations.outOfRangeCount) warnings.push(outOfRangeWarning(observations.outOfRangeCount));
  if (observations.misfits)
    warnings.push(...misfitWarnings(observations.misfits, work.outputDtype, isInverse, parameters));
  if (isInverse) return warnings;
  if (fit) warnings.push(...tailWarnings(layout, scope, fit, normalizer));
  if (observations.ends) warnings.push(...sentinelWarnings(layout, findSentinels(observations.ends)));
  if (input && output) warnings.push(...sparsityDestroyedWarning(input.description, output.description));
  const lost = precisionLoss(observations.inputs.header.dtype, input?.description, fit?.parameters);
  warnings.push(...lost);
  if (input && output && lost.length === 0)
    warnings.push(...outputPrecisionLoss(input.description, output.description));
  warnings.push(...shapeAndRange(normalization, observations, parameters));
  return warnings;
}

/** Adds the warnings that need the data once more. */
function* rescanForWarnings(
  work: CallPlan,
  { normalizer, method, layout, reduced }: NormalizationPlan,
  { inputs, outputs }: Observations,
  warnings: Warning[],
): Effects<void> {
  if (work.losesScale) {
    const lost = work.countsIndistinguishable ? yield* runTask(indistinguishableTask, { inputs, outputs }) : undefined;
    if (lost) Object.assign(inputs, { blocks: lost.inputs });
    warnings.push(scaleLostWarning(lost?.count));
  }
  if (!work.canRescan || !method.outlierSensitive) return;
  const { columns } = normalizer;
  const { values } = yield* runTask(quantilesTask, { data: inputs, columns, reduced, quantiles: spread });
  const rows = spread.map((_, at) => values.subarray(at * layout.slices, (at + 1) * layout.slices));
  warnings.push(...outliersDominateWarning(layout, rows));
}

function shapeAndRange(
  { normalizer, method, fits }: NormalizationPlan,
  observations: Observations,
  parameters: Parameters,
): Warning[] {
  const { header } = observations.inputs;
  const warnings = method.shapeWarnings?.(normalizer, header.shape) ?? [];
  if (fits || !observations.input) return warnings;
  return [...warnings, ...rangeSuspicious(normalizer, parameters, header.dtype, observations.input.description)];
}
