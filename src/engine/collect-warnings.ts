import {
  fitWarnings,
  outliersDominate,
  outOfRange,
  precisionLoss,
  scaleLost,
  sparsityDestroyed,
  type Warning,
} from '#normalizers/warnings.ts';
import { ask, type Carrying } from './effects.ts';
import type { Seen } from './observations.ts';
import type { Normalization, Work } from './plan-call.ts';

/** Quantiles that show whether the middle 90 % of the values fill their range. */
const spread = [0, 0.05, 0.95, 1];

/** The warnings of a call, from what was seen and, with the statistics, from another look at the data. */
export function* warningsOf(work: Work, normalization: Normalization, seen: Seen): Carrying<Warning[]> {
  const { normalizer, method, layout, reduced, scope } = normalization;
  const { fit, inputs, outputs, input, output } = seen;
  const warnings = fit ? fitWarnings(normalizer, layout, scope, fit) : [];
  if (work.losesScale) {
    const lost = work.countsLost ? yield* ask({ kind: 'scale_lost', inputs, outputs }) : undefined;
    if (lost) Object.assign(inputs, { blocks: lost.inputs });
    warnings.push(scaleLost(lost?.count));
  }
  if (work.looksAgain && method.outliersDecide) {
    const { values } = yield* ask({
      kind: 'quantiles',
      held: inputs,
      columns: normalizer.columns,
      reduced,
      quantiles: spread,
    });
    const rows = spread.map((_, at) => values.subarray(at * layout.slices, (at + 1) * layout.slices));
    warnings.push(...outliersDominate(layout, rows));
  }
  if (seen.outside) warnings.push(outOfRange(seen.outside));
  if (input && output) warnings.push(...sparsityDestroyed(input.description, output.description));
  warnings.push(...precisionLoss(inputs.header.dtype, input?.description, fit?.parameters));
  return warnings;
}
