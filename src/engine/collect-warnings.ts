import {
  misfitWarnings,
  outputPrecisionLoss,
  parameterOverflow,
  precisionLoss,
  sentinelWarnings,
  tailWarnings,
} from '#normalizers/warnings/number-warnings.ts';
import type { Description } from '#statistics/describe.ts';
import type { Parameters } from '#normalizers/method.ts';
import { rangeSuspicious } from '#normalizers/warnings/range-suspicious.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import {
  fitWarnings,
  outliersDominateWarning,
  outOfRangeWarning,
  scaleLostWarning,
  sparsityDestroyedWarning,
  unseenGroupsWarning,
} from '#normalizers/warnings/warnings.ts';
import { findSentinels } from '#statistics/sentinels.ts';
import { runTask, type Effects } from './effects.ts';
import { indistinguishableTask } from './blocks/indistinguishable.task.ts';
import { quantilesTask } from './blocks/quantiles.task.ts';
import type { Observations } from './observations.ts';
import { compositionOf } from '#normalizers/composition/parts.ts';
import { elementCount } from '#tensor/shape.ts';
import type { LeafPlan, PartPlan } from './parts/part-plan.ts';
import type { Call, NormalizationPlan, CallPlan } from './plan-call.ts';
import { placeWarnings } from './tables/place-warnings.ts';

/** Quantiles that compare the middle 90 % of the values with their range. */
const spread = [0, 0.05, 0.95, 1];

/** What warnings are collected of. */
interface Finished {
  call: Call;
  work: CallPlan;
  observations: Observations;
  /** The columns of a table. */
  names?: readonly string[];
}

/** The warnings of a call. Some need a second scan of buffered data, and are given only with statistics. */
export function* collectWarnings(finished: Finished, { leaves, root }: NormalizationPlan): Effects<Warning[]> {
  const { call, work, observations, names } = finished;
  const { input, output } = observations;
  const isInverse = call.operation === 'inverse-transform';
  const place = (leaf: LeafPlan, found: readonly Warning[]) => placeWarnings(found, leaf, names);
  const warnings: Warning[] = [];
  for (const leaf of leaves) {
    const fit = observations.fits.get(leaf.id);
    if (fit && !isInverse) warnings.push(...place(leaf, fitWarnings(leaf.normalizer, leaf.layout, leaf.scope, fit)));
    if (leaf.fits && fit)
      warnings.push(...place(leaf, parameterOverflow(leaf.normalizer, leaf.layout, fit.parameters)));
    warnings.push(...place(leaf, yield* rescanForWarnings(work, leaf, observations)));
  }
  if (observations.outOfRangeCount) warnings.push(outOfRangeWarning(observations.outOfRangeCount));
  const unseen = countUnseen(root, call);
  if (unseen.rows > 0) warnings.push(unseenGroupsWarning(unseen.rows));
  if (observations.misfits) {
    const parameters = leaves.map((leaf) => parametersOf(leaf, observations));
    const { overflows, strays } = observations.misfits;
    const misfits = { overflows, strays: Math.max(0, strays - unseen.values) };
    warnings.push(...misfitWarnings(misfits, work.outputDtype, isInverse, parameters));
  }
  if (isInverse) return warnings;
  for (const leaf of leaves) {
    const { id, layout, scope, normalizer } = leaf;
    const fit = observations.fits.get(id);
    if (fit) warnings.push(...place(leaf, tailWarnings(layout, scope, fit, normalizer)));
    const ends = observations.ends.get(id);
    if (ends) warnings.push(...place(leaf, sentinelWarnings(layout, findSentinels(ends))));
  }
  if (input && output) warnings.push(...sparsityDestroyedWarning(input.description, output.description));
  const learned = leaves.flatMap(({ id, isFirst }) => (isFirst ? [observations.fits.get(id)?.parameters ?? {}] : []));
  const lost = precisionLoss(observations.inputs.header.dtype, input?.description, learned);
  warnings.push(...lost);
  if (input && output && lost.length === 0)
    warnings.push(...outputPrecisionLoss(input.description, output.description));
  for (const leaf of leaves) warnings.push(...place(leaf, shapeAndRange(leaf, observations)));
  return warnings;
}

/** Rows of groups that the fit did not see, and the values in them that came out as NaN for it. */
function countUnseen({ core, shape, normalizer }: PartPlan, call: Call): { rows: number; values: number } {
  if (core.kind === 'leaf') return { rows: 0, values: 0 };
  if (core.kind !== 'groups') {
    const inner = core.parts.map((part) => (part ? countUnseen(part, call) : { rows: 0, values: 0 }));
    const most = Math.max(0, ...inner.map(({ rows }) => rows));
    return { rows: most, values: inner.reduce((sum, { values }) => sum + values, 0) };
  }
  const { index, count } = core.index;
  if (call.operation === 'fit') return { rows: 0, values: 0 };
  const rows = index.reduce((sum, group) => sum + Number(group === count), 0);
  const isNaN = compositionOf(normalizer)?.grouping?.(normalizer).unseen === 'nan';
  const width = core.columns?.length ?? elementCount([1, ...shape.slice(1)]);
  return { rows, values: isNaN ? rows * width : 0 };
}

function parametersOf({ id, fitted }: LeafPlan, { fits }: Observations): Parameters {
  return fits.get(id)?.parameters ?? fitted?.parameters ?? {};
}

/** The warnings that need the data once more. */
function* rescanForWarnings(work: CallPlan, leaf: LeafPlan, { inputs, outputs }: Observations): Effects<Warning[]> {
  const { method, layout, reduced, columns, fits, isFirst } = leaf;
  const warnings: Warning[] = [];
  if (work.losesScale) {
    const lost = work.countsIndistinguishable ? yield* runTask(indistinguishableTask, { inputs, outputs }) : undefined;
    if (lost) Object.assign(inputs, { blocks: lost.inputs });
    warnings.push(scaleLostWarning(lost?.count));
  }
  if (!work.canRescan || !method.outlierSensitive || !fits || !isFirst) return warnings;
  const { values, blocks } = yield* runTask(quantilesTask, { data: inputs, columns, reduced, quantiles: spread });
  inputs.blocks = blocks;
  const rows = spread.map((_, at) => values.subarray(at * layout.slices, (at + 1) * layout.slices));
  return [...warnings, ...outliersDominateWarning(layout, rows)];
}

function shapeAndRange(leaf: LeafPlan, observations: Observations): Warning[] {
  const { normalizer, method, fits, isFirst, shape } = leaf;
  const { header } = observations.inputs;
  const warnings = method.shapeWarnings?.(normalizer, shape) ?? [];
  const description = isFirst && !fits ? descriptionFor(leaf, observations.input) : undefined;
  if (!description) return warnings;
  const parameters = parametersOf(leaf, observations);
  return [...warnings, ...rangeSuspicious(normalizer, parameters, header.dtype, description)];
}

/** What is known of the data that a normalizer takes: of some columns, where the statistics are per column. */
function descriptionFor({ columns, pointer }: LeafPlan, content: Observations['input']): Description | undefined {
  if (!content || !columns || pointer === '/normalizer') return content?.description;
  const { keptShape } = content.layout;
  if (keptShape.length !== 1 || !columns.every((column) => column < keptShape[0])) return undefined;
  const picked = Object.entries(content.description).map(([name, values]) => [
    name,
    Float64Array.from(columns, (column) => (values as Float64Array)[column]),
  ]);
  return Object.fromEntries(picked) as Description;
}
