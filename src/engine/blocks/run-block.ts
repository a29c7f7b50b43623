import { gatherColumns, scatterColumns } from '#kernels/columns.ts';
import { bytesAt, allocate, withScratch } from '#kernels/kernels.ts';
import { placeElements, type View } from '#kernels/view.ts';
import { applySteps, convert } from '#normalizers/apply-steps.ts';
import { applyToSamples } from '#normalizers/apply-samples.ts';
import { type Fit, fitFromStates, withoutParameters } from '#normalizers/fit.ts';
import { inverseSteps, transformSteps } from '#normalizers/formula.ts';
import { addMisfits, countMisfits, type Misfits } from '#normalizers/misfits.ts';
import type { Parameters, ResolvedOptions } from '#normalizers/method.ts';
import { type RowSide, rowSides } from '#normalizers/output-columns.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { isElementwise } from '#normalizers/steps.ts';
import { scannedColumns, type Scan, reductionsOf, bitsRejectedBy } from '#normalizers/scans.ts';
import { countBins, countingStep } from '#statistics/drift/bin-counts.ts';
import { pickValues, type ValueSample } from '#statistics/drift/value-sample.ts';
import { reduceView } from '#statistics/reduce-view.ts';
import { rejectedBits, type SampleWeights } from '#statistics/reduce-block.ts';
import type { State } from '#statistics/reduction.ts';
import { type Axis, reducedAxes } from '#tensor/axis.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import { selectedShape } from '#tensor/shape.ts';
import { layoutOf, slicesTouched } from '#tensor/layout.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import type { Block } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { namesOfSlices } from '#engine/tables/name-columns.ts';
import type { Counting } from '#engine/monitoring/transform-recorder.ts';
import { type Encoding, encodeBlock } from '#formats/encode-block.ts';
import { type TensorForm, createLocator } from '#formats/locate-value.ts';
import { timeEncoding } from '#pool/task-timing.ts';

/** What the blocks of one tensor have in common. */
export interface BlockHeader extends TensorHeader {
  bigEndian: boolean;
  /** The form of the tensor in the request, for pointers to its values. */
  form: TensorForm;
  /** The columns of a table, to name one. */
  names?: readonly string[];
}

/**
 * What to do with one block: scan it for fitting or statistics, transform it, encode the output. All of it is optional.
 */
export interface BlockJob {
  block: Block;
  /** Memory to write the output's bytes into. */
  spare?: ArrayBuffer;
  /** Scans of the input, each over its own axes. */
  scans: { of: Scan; axis: Axis; weights?: SampleWeights }[];
  picking?: Picking;
  counting?: Counting;
  apply?: {
    normalizer: ResolvedOptions;
    direction: 'transform' | 'inverse';
    dtype: FloatDtype;
    /** Of the whole output. */
    shape: number[];
    /** The parameters of the slices from `from` on; without them the block's slices are fitted on the block itself. */
    given?: { from: number; parameters: Parameters };
    weights?: SampleWeights;
    /** Scans of the output. */
    scans: { of: Scan; axis: Axis }[];
    encoding: Encoding;
    /** Whether to return the parameters of a fit on the block itself, not only what warnings need. */
    keepsFit: boolean;
  };
}

/** Which values are picked for a profile. */
export interface Picking {
  axis: Axis;
  columns?: number[];
  threshold: number;
}

export interface BlockResult {
  /** The block's own buffer. */
  buffer: ArrayBufferLike;
  states: State[][];
  /** The fit on the block itself. */
  fit?: Fit;
  outputStates: State[][];
  sample?: ValueSample;
  counts?: Float64Array<ArrayBuffer>;
  /** The output encoded; absent when nobody wants it. */
  encoded?: Uint8Array<ArrayBuffer>;
  /** The raw output, if it is buffered for a second scan. */
  raw?: ArrayBuffer;
  /** Finite values that came out infinite or NaN; absent where none did. */
  misfits?: Misfits;
}

/** Runs one block in the calling thread. */
export function runBlock(
  header: BlockHeader,
  { block, spare, scans, picking, counting, apply }: BlockJob,
): BlockResult {
  return withScratch(() => {
    const address = placeElements(block, header.dtype, header.bigEndian);
    const whole: View = { ...viewOf(header), address, offset: block.offset, count: block.count };
    const states = scans.map(({ of, axis, weights }) => scanBlock(whole, header.shape, of, axis, weights));
    const result: BlockResult = { buffer: block.buffer, states, outputStates: [] };
    if (picking) result.sample = pick(whole, header.shape, picking);
    if (counting) result.counts = countView(whole, header, counting);
    if (apply) Object.assign(result, transformBlock(whole, header, apply, spare, block.carried));
    return result;
  });
}

/** The members of a view that come from its tensor. */
export function viewOf({ dtype, shape, form, names }: BlockHeader): Pick<View, 'dtype' | 'locate'> {
  return { dtype, locate: createLocator(shape, form, names) };
}

/** Reduces a view over an axis; a normalizer's scan sees only the normalizer's columns. */
function scanBlock(whole: View, shape: readonly number[], of: Scan, axis: Axis, weights?: SampleWeights): State[] {
  const picked = selectColumns(whole, shape, scannedColumns(of));
  const layout = layoutOf(picked.shape, reducedAxes(axis, picked.shape.length));
  return reduceView(picked.view, layout, reductionsOf(of), { refuse: bitsRejectedBy(of), weights });
}

function pick(whole: View, shape: readonly number[], { axis, columns, threshold }: Picking): ValueSample {
  const picked = selectColumns(whole, shape, columns);
  return pickValues(picked.view, layoutOf(picked.shape, reducedAxes(axis, picked.shape.length)), threshold);
}

/** Counts the values of a view by the bins of their slices. */
export function countView(
  whole: View,
  { shape, form }: BlockHeader,
  { bins, axis, columns }: Counting,
): Float64Array<ArrayBuffer> {
  const { view, shape: picked } = selectColumns(whole, shape, columns);
  const layout = layoutOf(picked, reducedAxes(axis, picked.length));
  return countBins(view, layout, bins, countingStep(view.count, form === 'nested' || form === 'flat'));
}

interface SelectedColumns {
  view: View;
  shape: number[];
}

/** A view of the selected columns; the view itself if all columns are selected. */
export function selectColumns(
  whole: View,
  shape: readonly number[],
  indexes: readonly number[] | undefined,
): SelectedColumns {
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

function transformBlock(
  whole: View,
  header: BlockHeader,
  apply: NonNullable<BlockJob['apply']>,
  spare?: ArrayBuffer,
  carried?: readonly CarriedColumn[],
): Partial<BlockResult> {
  const { normalizer, direction, dtype } = apply;
  const method = methodOf(normalizer);
  const rows = rowsOf(apply, header.shape);
  const { view, shape } = selectColumns(whole, header.shape, rows ? rows.from.computed : normalizer.columns);
  const layout = layoutOf(shape, reducedAxes(normalizer.axis, shape.length));
  const refuse = rejectedBits(normalizer.nan_policy);

  let fit: Fit | undefined;
  let given = apply.given;
  if (!given) {
    const { from } = slicesTouched(layout, view.offset, view.count);
    const states = reduceView(view, layout, method.reductions(normalizer), { refuse, weights: apply.weights });
    fit = fitFromStates(normalizer, layout.keptShape, states, undefined, namesIn(header, normalizer, shape));
    given = { from, parameters: fit.parameters };
  }
  const steps = (direction === 'transform' ? transformSteps : inverseSteps)(normalizer, given.parameters);
  const { from } = given;
  const { result: computed, misfits } = countMisfits(() =>
    isElementwise(steps)
      ? applySteps(view, layout, steps, from, dtype, refuse)
      : applyToSamples(view, layout, steps, { features: layout.slices, dtype, refuse }),
  );
  const columns = normalizer.columns ?? [];
  const passed =
    view === whole ? undefined : mergePassthroughColumns({ whole, view, computed }, header.shape, rows, columns, dtype);
  const scale = (apply.shape.at(-1) ?? 1) / (header.shape.at(-1) ?? 1);
  const out: View = {
    ...viewOf({ ...header, dtype, shape: apply.shape }),
    address: passed?.output ?? computed,
    offset: whole.offset * scale,
    count: whole.count * scale,
  };
  const outputStates = apply.scans.map(({ of, axis }) => scanBlock(out, apply.shape, of, axis));
  const { address, count } = out;
  const raw = apply.encoding.keepRaw ? new Uint8Array(bytesAt(address, count * itemSize(dtype))).buffer : undefined;
  const encoded = timeEncoding(() =>
    encodeBlock({ address, count, dtype }, apply.shape, out.offset, apply.encoding, spare, carried),
  );
  return {
    fit: fit && !apply.keepsFit ? withoutParameters(fit) : fit,
    outputStates,
    encoded,
    raw,
    misfits: addMisfits(misfits, passed?.misfits),
  };
}

/** The names of a block's slices, where they are columns that have some. */
function namesIn({ names }: BlockHeader, normalizer: ResolvedOptions, shape: readonly number[]) {
  return namesOfSlices({ normalizer, reduced: reducedAxes(normalizer.axis, shape.length) }, names);
}

/** The rows that come in and go out, where they have other columns. */
function rowsOf(
  { normalizer, direction, shape }: NonNullable<BlockJob['apply']>,
  inputShape: readonly number[],
): { from: RowSide; to: RowSide } | undefined {
  const isTransform = direction === 'transform';
  const sides = rowSides(normalizer, (isTransform ? inputShape : shape).at(-1) ?? 1);
  if (!sides) return undefined;
  return isTransform ? { from: sides.input, to: sides.output } : { from: sides.output, to: sides.input };
}

/** Whole rows of the output, the normalized columns merged with the untouched ones, and what of those does not fit. */
function mergePassthroughColumns(
  { whole, view, computed }: { whole: View; view: View; computed: number },
  shape: readonly number[],
  sides: { from: RowSide; to: RowSide } | undefined,
  indexes: readonly number[],
  dtype: FloatDtype,
): { output: number; misfits?: Misfits } {
  const { result: passed, misfits } = countMisfits(() => convert(whole, dtype));
  // The inputs of the normalized columns were converted, too, but are not returned.
  const replaced = (misfits && countMisfits(() => convert(view, dtype)).misfits?.overflows) ?? 0;
  const told = misfits && { overflows: misfits.overflows - replaced, strays: 0 };
  const width = itemSize(dtype);
  const rowLength = shape[shape.length - 1];
  const rows = whole.count / rowLength;
  if (!sides) {
    scatterColumns(passed, computed, rows, width, { rowLength, indexes });
    return { output: passed, misfits: told };
  }
  const { from, to } = sides;
  const part = allocate(rows * from.passed.length * width);
  const output = allocate(rows * to.rowLength * width);
  gatherColumns(passed, part, rows, width, { rowLength, indexes: from.passed });
  scatterColumns(output, part, rows, width, { rowLength: to.rowLength, indexes: to.passed });
  scatterColumns(output, computed, rows, width, { rowLength: to.rowLength, indexes: to.computed });
  return { output, misfits: told };
}
