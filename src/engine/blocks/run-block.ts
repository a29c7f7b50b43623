import { bytesAt, withScratch } from '#kernels/kernels.ts';
import { placeElements, type View } from '#kernels/view.ts';
import type { Misfits } from '#normalizers/misfits.ts';
import { scannedColumns, type Scan, reductionsOf, bitsRejectedBy } from '#normalizers/scans.ts';
import { countBins, countingStep } from '#statistics/drift/bin-counts.ts';
import { pickValues, type ValueSample } from '#statistics/drift/value-sample.ts';
import { reduceView } from '#statistics/reduce-view.ts';
import type { State } from '#statistics/reduction.ts';
import { type Axis, reducedAxes } from '#tensor/axis.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import { layoutOf } from '#tensor/layout.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import type { Block } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { PartJob } from '#engine/parts/part-jobs.ts';
import { type LeafResult, type PartResults, runPart, selectColumns } from '#engine/parts/run-part.ts';
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
  scans: { of: Scan; axis: Axis }[];
  picking?: Picking;
  counting?: Counting;
  /** What is done for the normalizer. */
  job?: PartJob;
  /** What is done with the job's output; absent where it is not wanted. */
  output?: {
    dtype: FloatDtype;
    /** Of the whole output. */
    shape: number[];
    /** Scans of the output. */
    scans: { of: Scan; axis: Axis }[];
    encoding: Encoding;
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
  /** What was found for each plain normalizer that was looked for. */
  leaves?: LeafResult[];
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
  { block, spare, scans, picking, counting, job, output }: BlockJob,
): BlockResult {
  return withScratch(() => {
    const address = placeElements(block, header.dtype, header.bigEndian);
    const whole: View = { ...viewOf(header), address, offset: block.offset, count: block.count };
    const states = scans.map(({ of, axis }) => scanBlock(whole, header.shape, of, axis));
    const result: BlockResult = { buffer: block.buffer, states, outputStates: [] };
    if (picking) result.sample = pick(whole, header.shape, picking);
    if (counting) result.counts = countView(whole, header, counting);
    if (!job) return result;
    const results: PartResults = { leaves: [] };
    const computed = runPart(job, { view: whole, shape: header.shape }, output?.dtype ?? 'float64', results);
    if (results.leaves.length > 0) result.leaves = results.leaves;
    result.misfits = results.misfits;
    if (computed && output) Object.assign(result, encodeOutput(computed.view, header, output, spare, block.carried));
    return result;
  });
}

/** The members of a view that come from its tensor. */
export function viewOf({ dtype, shape, form, names }: BlockHeader): Pick<View, 'dtype' | 'locate'> {
  return { dtype, locate: createLocator(shape, form, names) };
}

/** Reduces a view over an axis. */
function scanBlock(whole: View, shape: readonly number[], of: Scan, axis: Axis): State[] {
  const picked = selectColumns(whole, shape, scannedColumns(of));
  const layout = layoutOf(picked.shape, reducedAxes(axis, picked.shape.length));
  return reduceView(picked.view, layout, reductionsOf(of), { refuse: bitsRejectedBy(of) });
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

function encodeOutput(
  { address, count, offset }: View,
  header: BlockHeader,
  { dtype, shape, scans, encoding }: NonNullable<BlockJob['output']>,
  spare?: ArrayBuffer,
  carried?: readonly CarriedColumn[],
): Partial<BlockResult> {
  const out: View = { ...viewOf({ ...header, dtype, shape }), address, offset, count };
  const outputStates = scans.map(({ of, axis }) => scanBlock(out, shape, of, axis));
  const raw = encoding.keepRaw ? new Uint8Array(bytesAt(address, count * itemSize(dtype))).buffer : undefined;
  const encoded = timeEncoding(() => encodeBlock({ address, count, dtype }, shape, offset, encoding, spare, carried));
  return { outputStates, encoded, raw };
}
