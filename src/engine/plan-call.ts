import { Problem, problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { GroupIndex } from '#normalizers/composition/groups.ts';
import type { CommonOptions, ResolvedOptions } from '#normalizers/method.ts';
import { outputShape, transformedShape } from '#normalizers/composition/output-columns.ts';
import { resolveNormalizer } from '#normalizers/composition/resolve-normalizer.ts';
import { selectedColumns } from '#normalizers/narrow-fitted.ts';
import type { Scope } from '#normalizers/scope.ts';
import type { DescribeOptions } from '#statistics/options.ts';
import type { BlockPlan } from '#tensor/blocks.ts';
import { defaultOutput, type FloatDtype } from '#tensor/dtype.ts';
import { elementCount, formatShape, maxEmptyLists } from '#tensor/shape.ts';
import type { LearnedColumns } from '#tables/select-columns.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import { checkWeights } from './check-weights.ts';
import type { TransformRecorder } from './monitoring/transform-recorder.ts';
import { planFor, planRowsFor } from './joint-methods.ts';
import type { LeafPlan, PartPlan } from './parts/part-plan.ts';
import { planParts } from './parts/plan-parts.ts';

/** A client's request, checked as far as possible without the data. */
export interface Call {
  operation: 'normalize' | 'fit' | 'transform' | 'inverse-transform' | 'describe';
  /** Given for normalize and fit. */
  normalizer?: CommonOptions;
  /** Given for transform and inverse-transform. */
  fitted?: Fitted;
  statistics: DescribeOptions | false;
  /** The statistics of the input if they are already known, so that it is not described again. */
  described?: StatisticsContent;
  include: readonly ('data' | 'fitted' | 'statistics')[];
  /** Whether the fitted document must be mergeable, which may need a second scan for sketches. Default true. */
  merges?: boolean;
  /** Whether the fitted document is to have a profile of the data. */
  profile?: boolean;
  /** What the values of a large transform are counted in. */
  recorder?: TransformRecorder;
  outputDtype?: FloatDtype;
  sampleWeight?: Float64Array;
  /** The groups of the samples, by what tells groupings apart. */
  groups?: Readonly<Record<string, GroupIndex>>;
  /** What is known of the table that the data are. */
  table?: CallTable;
  /** What was found before the call was carried out, to be told with its warnings. */
  notes?: readonly Warning[];
}

/** What a call knows of its table. */
export interface CallTable {
  /** Columns of numbers in the whole table, where the tensor has some of them or rows must stay whole. */
  width?: number;
  /** Which of the columns that a fitted normalizer normalizes the tensor has, in its order. Default all. */
  places?: readonly number[];
  /** What a fit keeps of the columns. */
  learned?: LearnedColumns;
  /** The normalizer with the columns of the whole table, as indexes of those that the fit keeps. */
  normalizer?: ResolvedOptions;
}

/** How to run a call on a tensor of a given shape. */
export interface CallPlan {
  plan: BlockPlan;
  /** Absent for describe. */
  normalization?: NormalizationPlan;
  outputDtype: FloatDtype;
  outputShape: number[];
  /** Whether there is an output, to return or to describe. */
  applies: boolean;
  /** Whether the first block can be transformed only after all blocks have been scanned. */
  needsTwoPasses: boolean;
  buffersInput: boolean;
  /** Whether the input is scanned again after the transform. */
  rescansInput: boolean;
  /** Whether warnings that need a second scan can be computed: statistics were requested and the data are buffered. */
  canRescan: boolean;
  /** Whether to count values outside the fitted range. */
  countsOutOfRange: boolean;
  losesScale: boolean;
  /** Whether to count samples that the output can no longer tell apart. */
  countsIndistinguishable: boolean;
  warns: boolean;
}

export interface NormalizationPlan {
  normalizer: ResolvedOptions;
  root: PartPlan;
  /** The plain normalizers that it is made of. */
  leaves: LeafPlan[];
  scope: Scope;
  /** Whether some of them fit the data. */
  fits: boolean;
  /** Passes over the data that have to be complete before the last normalizer is fitted. */
  scanPasses: number;
  /** Whether fitting needs every slice whole, so that the data are held. */
  needsWholeSlices: boolean;
}

/** Text whose line ends are lost is all header, and the most usual way to lose them is `curl -d @file`. */
function empty(shape: readonly number[]): Problem {
  const rows = shape.length === 2 && shape[1] > 0 ? `The data have ${shape[1]} columns and no rows` : undefined;
  const detail = rows
    ? `${rows}: there is nothing to compute from. A file goes by curl --data-binary, since -d takes its line ends away.`
    : `An array of shape ${formatShape(shape)} has nothing to compute from.`;
  return new Problem('empty', detail);
}

/**
 * Checks a call against the shape of its data, and decides how to run it.
 * @param inMemory whether the data are in memory anyway
 * @throws Problem for an axis, columns, weights or a shape that do not fit
 */
export function planCall(call: Call, { dtype, shape }: TensorHeader, inMemory: boolean): CallPlan {
  const total = elementCount(shape);
  if (total === 0) checkEmptyLists(shape);
  if (call.fitted) checkShape(call.fitted, call.operation, shape);
  else if (total === 0) throw empty(shape);
  const asked = call.fitted?.normalizer ?? call.normalizer;
  const width = call.table?.width;
  const plan = width === undefined ? planFor(asked, shape) : planRowsFor(asked, shape[1], width);
  const { operation, include } = call;
  const described = call.statistics !== false;
  const applies =
    asked !== undefined &&
    operation !== 'fit' &&
    (include.includes('data') || (described && include.includes('statistics')));
  const normalization = asked && planNormalization(call, asked, shape, plan, applies);
  const fits = normalization?.fits === true;
  const scanPasses = normalization?.scanPasses ?? 0;
  const needsTwoPasses = applies && scanPasses > 0;
  const only = normalization?.leaves.length === 1 ? normalization.leaves[0] : undefined;
  const losesScale = only !== undefined && only.fits && only.method.perSample && only.scope === 'sample';
  const canRescan = fits && described && (inMemory || needsTwoPasses);
  const countsIndistinguishable = losesScale && applies && described && inMemory;
  const isSensitive = normalization?.leaves.some(
    ({ fits, isFirst, method }) => fits && isFirst && method.outlierSensitive,
  );
  const rescansInput = countsIndistinguishable || (canRescan && isSensitive === true);
  return {
    countsOutOfRange: described && operation === 'transform',
    plan,
    normalization,
    applies,
    needsTwoPasses,
    canRescan,
    losesScale,
    countsIndistinguishable,
    rescansInput,
    outputDtype: call.outputDtype ?? defaultOutput(dtype),
    outputShape: applies ? outputShape(resolvedCall(call, normalization), shape) : shape,
    buffersInput: needsTwoPasses || scanPasses > 1 || rescansInput || (fits && normalization.needsWholeSlices),
    warns: asked !== undefined,
  };
}

/** The call with its columns as indexes. */
export function resolvedCall(call: Call, normalization: NormalizationPlan | undefined): Call {
  return normalization && !call.fitted ? { ...call, normalizer: normalization.normalizer } : call;
}

function planNormalization(
  call: Call,
  asked: CommonOptions,
  shape: number[],
  plan: BlockPlan,
  applies: boolean,
): NormalizationPlan {
  const { fitted, sampleWeight, operation } = call;
  const isInverse = operation === 'inverse-transform';
  const fittedLength = isInverse ? fitted?.input.shape.at(-1) : undefined;
  const taken = fittedLength ? [...shape.slice(0, -1), fittedLength] : shape;
  const normalizer = fitted ? fitted.normalizer : resolveNormalizer(asked, { length: shape.at(-1) });
  checkGroups(call, shape);
  if (sampleWeight) checkWeights(normalizer, sampleWeight, shape, selectedColumns(normalizer)?.length);
  const context = {
    shape: taken,
    isTransform: operation === 'transform',
    applies,
    plan,
    weights: sampleWeight,
    groups: call.groups,
  };
  const { root, leaves } = planParts(normalizer, context, fitted);
  return {
    normalizer: root.normalizer,
    root,
    leaves,
    scope: root.scope,
    fits: leaves.some((leaf) => leaf.fits),
    scanPasses: Math.max(0, ...leaves.map(({ accumulates, pass }) => (accumulates ? pass + 1 : 0))),
    needsWholeSlices: leaves.some((leaf) => leaf.fits && leaf.needsWholeSlices),
  };
}

/** A request of a few bytes, such as shape [10⁹, 0], must not become gigabytes of empty lists. */
function checkEmptyLists(shape: readonly number[]): void {
  const lists = shape.reduce((product, length) => product * Math.max(length, 1), 1);
  if (lists <= maxEmptyLists) return;
  throw problemAt(
    'not_computable',
    '/data',
    `The shape ${formatShape(shape)} has no elements but ${lists} empty lists.`,
  );
}

function checkShape(fitted: Fitted, operation: Call['operation'], shape: readonly number[]): void {
  const wanted = operation === 'inverse-transform' ? transformedShape(fitted) : fitted.input.shape;
  const fits =
    wanted.length === shape.length && wanted.every((length, axis) => length === null || length === shape[axis]);
  if (!fits) {
    throw problemAt(
      'shape_mismatch',
      '/data',
      `The data have shape ${formatShape(shape)}; this normalizer ${wanted === fitted.input.shape ? 'was fitted on' : 'gives'} ${formatShape(wanted)}.`,
    );
  }
}

/** @throws Problem for groups that are not one for each sample */
function checkGroups({ groups = {} }: Call, shape: readonly number[]): void {
  for (const { index } of Object.values(groups)) {
    if (index.length === (shape[0] ?? 0)) continue;
    const detail = `There are ${index.length} groups for ${shape[0] ?? 0} samples.`;
    throw problemAt('invalid_groups', '/groups', detail);
  }
}
