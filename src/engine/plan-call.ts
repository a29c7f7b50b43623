import { Problem, problemAt } from '#errors.ts';
import { constantFit, type Fit } from '#normalizers/fit.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions, Method, ResolvedOptions } from '#normalizers/method.ts';
import { outputShape, transformedShape } from '#normalizers/output-columns.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { fittedShape, type Scope, scopeOf } from '#normalizers/scope.ts';
import type { DescribeOptions } from '#statistics/options.ts';
import type { SampleWeights } from '#statistics/reduce-block.ts';
import { reducedAxes } from '#tensor/axis.ts';
import type { BlockPlan } from '#tensor/blocks.ts';
import { defaultOutput, type FloatDtype } from '#tensor/dtype.ts';
import { type Layout, layoutOf } from '#tensor/layout.ts';
import { elementCount, formatShape, hasUnknownLength, maxEmptyLists } from '#tensor/shape.ts';
import type { LearnedColumns } from '#tables/select-columns.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import { checkWeights } from './check-weights.ts';
import type { TransformRecorder } from './monitoring/transform-recorder.ts';
import { checkJoint, planFor, planRowsFor } from './joint-methods.ts';
import { resolveColumns } from './resolve-columns.ts';
import { sentinelsMatter } from './sentinels-matter.ts';

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
  /** Whether the states of all blocks are merged for the fit; otherwise each block is fitted by itself. */
  accumulatesFit: boolean;
  buffersInput: boolean;
  /** Whether the input is scanned again after the transform. */
  rescansInput: boolean;
  /** Whether warnings that need a second scan can be computed: statistics were requested and the data are buffered. */
  canRescan: boolean;
  /** Whether to count values outside the fitted range. */
  countsOutOfRange: boolean;
  /** Whether to scan the first block for an extreme value that recurs. */
  scansForSentinels: boolean;
  losesScale: boolean;
  /** Whether to count samples that the output can no longer tell apart. */
  countsIndistinguishable: boolean;
  warns: boolean;
}

export interface NormalizationPlan {
  normalizer: ResolvedOptions;
  method: Method;
  reduced: boolean[];
  /** Layout of the selected columns. */
  layout: Layout;
  /** Selected columns as a fraction of all columns. */
  picked: number;
  scope: Scope;
  /** `input.shape` of the fitted document. */
  inputShape: (number | null)[];
  /** Whether to fit the data; otherwise the parameters are given. */
  fits: boolean;
  /** Whether every slice lies within one block, so that each block can be fitted and transformed in one step. */
  local: boolean;
  /** Whether fitting needs every slice whole, so that the data are held. */
  needsWholeSlices: boolean;
  weights?: SampleWeights;
  /** The fit of a method that learns nothing from the data. */
  constants?: Fit;
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
  const normalization = asked && planNormalization(call, asked, shape, plan);
  const { operation, include } = call;
  const described = call.statistics !== false;
  const applies =
    asked !== undefined &&
    operation !== 'fit' &&
    (include.includes('data') || (described && include.includes('statistics')));
  const fits = normalization?.fits === true;
  const needsTwoPasses = fits && applies && !normalization.local;
  const losesScale = fits && normalization.method.perSample && normalization.scope === 'sample';
  const canRescan = fits && described && (inMemory || needsTwoPasses);
  const countsIndistinguishable = losesScale && applies && described && inMemory;
  const rescansInput = countsIndistinguishable || (canRescan && normalization.method.outlierSensitive);
  return {
    countsOutOfRange: described && operation === 'transform' && !fits,
    plan,
    normalization,
    applies,
    needsTwoPasses,
    canRescan,
    losesScale,
    countsIndistinguishable,
    rescansInput,
    outputDtype: call.outputDtype ?? defaultOutput(dtype),
    outputShape: applies ? outputShape(call, shape) : shape,
    accumulatesFit: fits && (needsTwoPasses || !applies),
    buffersInput: needsTwoPasses || rescansInput || (fits && normalization.needsWholeSlices),
    scansForSentinels: described && fits && sentinelsMatter(normalization, dtype),
    warns: asked !== undefined,
  };
}

function planNormalization(call: Call, asked: CommonOptions, shape: number[], plan: BlockPlan): NormalizationPlan {
  const method = methodOf(asked);
  const isInverse = call.operation === 'inverse-transform';
  const fittedLength = isInverse ? call.fitted?.input.shape.at(-1) : undefined;
  const plain = resolveColumns(asked, fittedLength ? [...shape.slice(0, -1), fittedLength] : shape);
  const taken = plain.columns?.length ?? fittedLength ?? shape.at(-1) ?? 1;
  const picked = shape.length === 0 ? shape : [...shape.slice(0, -1), taken];
  // What it adds are other options than the columns.
  const normalizer = (method.resolveDefaults?.(plain, picked) ?? plain) as ResolvedOptions;
  const reduced = reducedAxes(normalizer.axis, shape.length);
  const scope = scopeOf(method, reduced);
  const needsWholeSlices = method.wholeSlices?.(normalizer) === true;
  const layout = layoutOf(picked, reduced);
  checkJoint(method, reduced, layout, method.outputs?.(normalizer) !== undefined);
  const total = elementCount(shape);
  const learns = method.reductions(normalizer).length > 0;
  const fits = learns && (!call.fitted || (scope === 'sample' && call.operation === 'transform'));
  // Under sample scope nothing carries over to other batches: constants are repeated for the new samples.
  const carriesOver = call.fitted && (scope === 'dataset' || call.operation !== 'transform');
  if (call.fitted && carriesOver) checkSlices(call.fitted, layout);
  const withinBlocks = reduced.every((isReduced, axis) => !isReduced || shape[axis] === 1 || axis >= plan.wholeFrom);
  return {
    normalizer,
    method,
    reduced,
    scope,
    fits,
    layout,
    picked: normalizer.columns ? normalizer.columns.length / (shape.at(-1) ?? 1) : 1,
    inputShape: fittedShape(shape, reduced),
    needsWholeSlices,
    local: !needsWholeSlices && (withinBlocks || total <= plan.length),
    constants:
      learns || carriesOver || hasUnknownLength(layout.keptShape)
        ? undefined
        : constantFit(normalizer, layout.slices, layout.sliceLength),
    weights: call.sampleWeight && checkWeights(method, call.sampleWeight, shape, elementCount(picked)),
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

/** Under sample scope the parameters belong to the samples of one batch. */
function checkSlices({ keptShape }: Fitted, layout: Layout): void {
  if (hasUnknownLength(layout.keptShape)) return;
  if (formatShape(keptShape) === formatShape(layout.keptShape)) return;
  throw problemAt(
    'shape_mismatch',
    '/data',
    `The data have slices of shape ${formatShape(layout.keptShape)}, but the parameters belong to a batch of shape ${formatShape(keptShape)}.`,
  );
}
