import { Problem } from '#errors.ts';
import { gatherColumns, scatterColumns } from '#kernels/columns.ts';
import { allocate, bytesAt } from '#kernels/kernels.ts';
import type { View } from '#kernels/view.ts';
import { applyToSamples, outputLength } from '#normalizers/apply-samples.ts';
import { applySteps, convert } from '#normalizers/apply-steps.ts';
import { type Fit, fitFromStates, withoutParameters } from '#normalizers/fit.ts';
import { inverseSteps, transformSteps } from '#normalizers/formula.ts';
import { addMisfits, countMisfits, type Misfits } from '#normalizers/misfits.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { isElementwise } from '#normalizers/steps.ts';
import { bitsRejectedBy, reductionsOf } from '#normalizers/scans.ts';
import { rejectedBits, type SampleWeights } from '#statistics/reduce-block.ts';
import { reduceView } from '#statistics/reduce-view.ts';
import type { State } from '#statistics/reduction.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import { groupedLayout, type Layout, layoutOf, slicesTouched } from '#tensor/layout.ts';
import { selectedShape } from '#tensor/shape.ts';
import type { ColumnsJob, GroupsJob, LeafJob, PartJob } from './part-jobs.ts';
import { pickGroups, type SortedSamples, sortSamples, unsortSamples } from './run-groups.ts';

/** A view of a block, of a tensor of a shape. */
export interface ShapedView {
  view: View;
  shape: number[];
}

/** What a plain normalizer found in a block. */
export interface LeafResult {
  id: number;
  /** Of each scan. */
  states: State[][];
  /** The fit on the block itself. */
  fit?: Fit;
}

/** What comes of a job beside its output. */
export interface PartResults {
  leaves: LeafResult[];
  /** Finite values that came out infinite or NaN; absent where none did. */
  misfits?: Misfits;
  /** Called with what each plain normalizer takes that shows it. */
  show?(view: View, layout: Layout, groups?: Int32Array): void;
  /** Where the samples are sorted by group: how. */
  sorted?: SortedSamples;
}

/**
 * Runs a job on a block.
 * @param dtype of what comes out; between two normalizers it is float64
 * @returns undefined where the job's output is not wanted
 */
export function runPart(
  job: PartJob,
  input: ShapedView,
  dtype: FloatDtype,
  results: PartResults,
): ShapedView | undefined {
  if (job.kind === 'leaf') return inPart(job.pointer, () => runLeaf(job, input, dtype, results));
  if (job.kind === 'columns') return runColumns(job, input, dtype, results);
  if (job.kind === 'groups') return runGroups(job, input, dtype, results);
  let output: ShapedView | undefined = input;
  job.parts.forEach((part, at) => {
    const isLast = at === job.parts.length - 1;
    if (output) output = runPart(part, output, isLast ? dtype : 'float64', results);
  });
  return output;
}

function runLeaf(job: LeafJob, { view, shape }: ShapedView, dtype: FloatDtype, results: PartResults) {
  const { id, normalizer, direction, scans, weights, applies, keepsFit } = job;
  const method = methodOf(normalizer);
  const reduced = reducedAxes(normalizer.axis, shape.length);
  const sorted = job.groupSlices === undefined ? undefined : results.sorted;
  const layout = sorted ? groupedLayout(shape, reduced, sorted.starts) : layoutOf(shape, reduced);
  const own = sorted && weights ? { ...weights, values: weightsOf(weights, sorted) } : weights;
  const states = scans.map((scan) =>
    reduceView(view, layout, reductionsOf(scan), { refuse: bitsRejectedBy(scan), weights: own }).map((state) =>
      sorted ? { ...state, groups: sorted.groups } : state,
    ),
  );
  if (job.shows) results.show?.(view, layout, sorted?.groups);
  const refuse = rejectedBits(normalizer.nan_policy);
  let fit: Fit | undefined;
  let { given } = job;
  if (!given && (applies || keepsFit !== undefined)) {
    const { from } = slicesTouched(layout, view.offset, view.count);
    const seen = reduceView(view, layout, method.reductions(normalizer), { refuse, weights });
    fit = fitFromStates(normalizer, layout.keptShape, seen, undefined, job.names);
    given = { from, parameters: fit.parameters };
  }
  if (fit && keepsFit !== undefined) results.leaves.push({ id, states, fit: keepsFit ? fit : withoutParameters(fit) });
  else if (scans.length > 0) results.leaves.push({ id, states });
  if (!applies || !given) return undefined;
  const { from } = given;
  const parameters =
    sorted && job.groupSlices !== undefined
      ? pickGroups(given.parameters, sorted.groups, job.groupSlices)
      : given.parameters;
  const steps = (direction === 'transform' ? transformSteps : inverseSteps)(normalizer, parameters);
  const { result: address, misfits } = countMisfits(() =>
    isElementwise(steps)
      ? applySteps(view, layout, steps, from, dtype, refuse)
      : applyToSamples(view, layout, steps, { features: layout.slices, dtype, refuse }),
  );
  results.misfits = addMisfits(results.misfits, misfits);
  const outputs = outputLength(steps, layout.slices);
  return outputOf({ view, shape }, address, dtype, outputs === layout.slices ? undefined : outputs);
}

/** The weights of sorted samples. */
function weightsOf({ values }: SampleWeights, { order, first }: SortedSamples): Float64Array {
  return Float64Array.from(order, (at) => values[first + at]);
}

function runGroups(job: GroupsJob, input: ShapedView, dtype: FloatDtype, results: PartResults): ShapedView | undefined {
  const { view, shape } = input;
  const sampleLength = shape.slice(1).reduce((product, length) => product * length, 1);
  if (job.global) {
    // What is computed on the way is written over what is read.
    const copy = { ...view, address: copyOf(view) };
    runPart(job.global, { view: copy, shape }, 'float64', results);
  }
  if (!job.job) return undefined;
  const sorted = sortSamples(view, sampleLength, job, job.applies);
  const inner: PartResults = { leaves: results.leaves, misfits: results.misfits, show: results.show, sorted };
  const computed = runPart(job.job, { view: sorted.view, shape }, dtype, inner);
  results.misfits = inner.misfits;
  if (!computed) return undefined;
  const length = computed.view.count / Math.max(sorted.order.length, 1);
  const address = unsortSamples(computed.view, length, sorted.order);
  const whole: View = {
    dtype: computed.view.dtype,
    address,
    offset: (view.offset / sampleLength) * length,
    count: computed.view.count,
    locate: length === sampleLength ? view.locate : (flat) => view.locate(Math.floor(flat / length) * sampleLength),
  };
  return { view: whole, shape: computed.shape };
}

function copyOf({ address, count, dtype }: View): number {
  const bytes = count * itemSize(dtype);
  const copy = allocate(bytes);
  bytesAt(0, copy + bytes).copyWithin(copy, address, address + bytes);
  return copy;
}

/** @param rowLength where rows have another length than those that came */
function outputOf({ view, shape }: ShapedView, address: number, dtype: FloatDtype, rowLength?: number): ShapedView {
  if (rowLength === undefined) return { view: { ...view, dtype, address }, shape };
  const before = shape[shape.length - 1];
  const out: View = {
    dtype,
    address,
    offset: (view.offset / before) * rowLength,
    count: (view.count / before) * rowLength,
    locate: (flat) => view.locate(Math.floor(flat / rowLength) * before),
  };
  return { view: out, shape: [...shape.slice(0, -1), rowLength] };
}

function runColumns(job: ColumnsJob, input: ShapedView, dtype: FloatDtype, results: PartResults) {
  const { view, shape } = input;
  const { passed, toLength } = job;
  const rowLength = shape[shape.length - 1];
  const rows = view.count / rowLength;
  const width = itemSize(dtype);
  const output = job.applies ? allocate(rows * toLength * width) : 0;
  for (const { from, to, job: branch } of job.branches) {
    const computed = runPart(branch, selectColumns(view, shape, from), dtype, results);
    if (computed) scatterColumns(output, computed.view.address, rows, width, { rowLength: toLength, indexes: to });
  }
  if (!job.applies) return undefined;
  if (passed.from.length > 0) {
    const part = selectColumns(view, shape, passed.from);
    const { result: address, misfits } = countMisfits(() => convert(part.view, dtype));
    results.misfits = addMisfits(results.misfits, misfits);
    scatterColumns(output, address, rows, width, { rowLength: toLength, indexes: passed.to });
  }
  const whole: View = {
    dtype,
    address: output,
    offset: (view.offset / rowLength) * toLength,
    count: rows * toLength,
    locate: toLength === rowLength ? view.locate : (flat) => view.locate(Math.floor(flat / toLength) * rowLength),
  };
  return { view: whole, shape: selectedShape(shape, new Array<number>(toLength).fill(0)) };
}

/** A view of the selected columns; the view itself if all columns are selected. */
export function selectColumns(
  whole: View,
  shape: readonly number[],
  indexes: readonly number[] | undefined,
): ShapedView {
  if (!indexes) return { view: whole, shape: [...shape] };
  const rowLength = shape[shape.length - 1];
  const width = itemSize(whole.dtype);
  const rows = whole.count / rowLength;
  const address = allocate(rows * indexes.length * width);
  gatherColumns(whole.address, address, rows, width, { rowLength, indexes });
  const view: View = {
    dtype: whole.dtype,
    address,
    offset: (whole.offset / rowLength) * indexes.length,
    count: rows * indexes.length,
    locate: (flat) => whole.locate(Math.floor(flat / indexes.length) * rowLength + indexes[flat % indexes.length]),
  };
  return { view, shape: selectedShape(shape, indexes) };
}

/** What goes wrong in a part, with its place in the normalizer. */
export function inPart<Result>(pointer: string, run: () => Result): Result {
  if (pointer === '/normalizer') return run();
  try {
    return run();
  } catch (error) {
    throw placeInPart(error, pointer);
  }
}

function placeInPart(error: unknown, pointer: string): unknown {
  if (!(error instanceof Problem) || pointer === '/normalizer') return error;
  const place = pointer
    .slice('/normalizer/'.length)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');
  const detail = `In ${place}: ${error.message}`;
  const places = error.errors.map((one) => ({
    pointer: one.pointer.startsWith('/normalizer') ? pointer + one.pointer.slice('/normalizer'.length) : one.pointer,
    detail: one.detail,
  }));
  return new Problem(error.code, detail, places);
}
