import { type Fit, fitFromStates } from '#normalizers/fit.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { type Scan, reductionsOf } from '#normalizers/scans.ts';
import { mergeFitted } from '#normalizers/merge-fitted.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { countIndistinguishable } from '#normalizers/indistinguishable-samples.ts';
import { quantilesOf } from '#statistics/quantiles/quantiles.ts';
import { sketchSlices } from '#statistics/sketched-slices.ts';
import { wholeSlices } from '#statistics/whole-slices.ts';
import { mergeStates, type State } from '#statistics/reduction.ts';
import { type Layout, layoutOf } from '#tensor/layout.ts';
import type { Block } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { fromFortran } from '#tensor/from-fortran.ts';
import { readFitted, writeFitted } from '#formats/json/fitted-document.ts';
import { widenBfloat16 } from '#formats/oip/datatypes.ts';
import { type BlockResult, type BlocksTask, runBlocks } from '#engine/run-block.ts';
import { type Preservation, type PreservationTask, measurePreservation } from '#compare/preservation.ts';
import { type CsvResult, type CsvTask, runCsv } from '#formats/csv/parse-task.ts';
import type { ExportTask } from '#interop/export-task.ts';
import { forEachView, type BufferedTensor, sampleCount, toFloat64 } from '#engine/buffered-tensor.ts';
import type { DecodeResult } from '#formats/json/parse-body.ts';
import { type DecodeTask, runDecode } from '#formats/json/parse-large-body.ts';
import { type DecodedInference, type DecodeInferenceTask, runDecodeInference } from '#formats/oip/parse-request.ts';
import type { DrawTask, RenderTask } from '#compare/render-task.ts';
import { type MergeRequestTask, runMergeRequest } from '#engine/merge-documents.ts';
import { runToRows, type ToRowsTask } from '#formats/arrow/to-rows.ts';
import { timeEncoding } from '#pool/encode-clock.ts';
import {
  type ArchiveFile,
  type ArchiveTask,
  summaryToFiles,
  summaryToJson,
  type SummaryTask,
} from '#formats/summary.ts';
import { runWeights, type WeightsTask } from '#formats/sample-weights.ts';

interface MergeTask {
  kind: 'merge';
  scans: Scan;
  states: State[][];
}

interface LearnTask {
  kind: 'learn';
  normalizer: CommonOptions;
  layout: Layout;
  states: State[];
  /** The data, where the method needs its slices whole. */
  held?: BufferedTensor;
  /** Whether the slices are sketched, too, for a document that merges. */
  sketches: boolean;
}

interface MergeDocumentsTask {
  kind: 'merge_documents';
  /** Fitted documents as JSON, in the order in which they are merged. */
  documents: Uint8Array[];
  /** What the merged normalizer does about constant slices, where the documents of parts must not say so themselves. */
  onConstant?: CommonOptions['on_constant'];
}

interface ReadFittedTask {
  kind: 'read_fitted';
  /** JSON. */
  document: Uint8Array;
}

interface WriteFittedTask {
  kind: 'write_fitted';
  fitted: Fitted;
}

interface QuantilesTask {
  kind: 'quantiles';
  held: BufferedTensor;
  columns?: number[];
  reduced: boolean[];
  quantiles: readonly number[];
}

interface ScaleLostTask {
  kind: 'scale_lost';
  inputs: BufferedTensor;
  outputs: BufferedTensor;
}

interface WidenTask {
  kind: 'widen';
  /** Elements of bfloat16; those of float32 come back. */
  buffer: ArrayBuffer;
}

interface TransposeTask {
  kind: 'transpose';
  header: TensorHeader;
  /** Elements in Fortran order. */
  buffer: ArrayBuffer;
}

/** A piece of work for one thread, as plain data, and what comes back. */
export interface Tasks {
  blocks: { task: BlocksTask; result: BlockResult[] };
  merge: { task: MergeTask; result: State[] };
  learn: { task: LearnTask; result: { fit: Fit; blocks?: Block[] } };
  /** An answer as JSON. */
  merge_request: { task: MergeRequestTask; result: Uint8Array };
  /** The merged document as JSON. */
  merge_documents: { task: MergeDocumentsTask; result: Uint8Array };
  /** What a transform needs of a document. */
  read_fitted: { task: ReadFittedTask; result: Fitted };
  /** The document as JSON. */
  write_fitted: { task: WriteFittedTask; result: Uint8Array };
  quantiles: { task: QuantilesTask; result: { values: Float64Array<ArrayBuffer>; blocks: Block[] } };
  scale_lost: { task: ScaleLostTask; result: { count: number; inputs: Block[]; outputs: Block[] } };
  changes: { task: PreservationTask; result: Preservation };
  decode: { task: DecodeTask; result: DecodeResult };
  decode_inference: { task: DecodeInferenceTask; result: DecodedInference };
  widen: { task: WidenTask; result: ArrayBuffer };
  transpose: { task: TransposeTask; result: ArrayBuffer };
  render: { task: RenderTask; result: string };
  draw: { task: DrawTask; result: string };
  csv: { task: CsvTask; result: CsvResult };
  to_rows: { task: ToRowsTask; result: ArrayBuffer };
  tail: { task: SummaryTask; result: string };
  archive: { task: ArchiveTask; result: ArchiveFile[] };
  weights: { task: WeightsTask; result: Float64Array<ArrayBuffer> };
  export: { task: ExportTask; result: Uint8Array };
}

export type Task = Tasks[keyof Tasks]['task'];

/** Runs a task somewhere: in this thread, or in the pool with the buffers handed over and back. */
export interface Runner {
  <Kind extends keyof Tasks>(task: Tasks[Kind]['task'] & { kind: Kind }): Promise<Tasks[Kind]['result']>;
  /** How many tasks are worth having under way at once. */
  width: number;
}

type Result<Kind extends keyof Tasks> = Tasks[Kind]['result'] | Promise<Tasks[Kind]['result']>;

const handlers: { [Kind in keyof Tasks]: (task: Tasks[Kind]['task']) => Result<Kind> } = {
  blocks: runBlocks,
  merge: ({ scans, states }) =>
    reductionsOf(scans).map((reduction, at) =>
      mergeStates(
        reduction,
        states.map((all) => all[at]),
      ),
    ),
  learn: ({ normalizer, layout, states, held, sketches }) => {
    const whole = held && wholeSlices(forEachView(held, normalizer.columns), layout);
    const fit = fitFromStates(normalizer, layout.keptShape, states, whole);
    if (whole && sketches) fit.sketches = sketchSlices(whole, layout.slices);
    return { fit, blocks: held?.blocks };
  },
  merge_request: runMergeRequest,
  merge_documents: ({ documents, onConstant }) => {
    const parts = documents.map(readFitted);
    for (const { normalizer } of parts) normalizer.on_constant = onConstant ?? normalizer.on_constant;
    return writeFitted(mergeFitted(parts));
  },
  // What only merging needs is left out: it can be large, and it would travel with every call.
  read_fitted: ({ document }) => ({ ...readFitted(document), states: undefined, sketches: undefined }),
  write_fitted: ({ fitted }) => writeFitted(fitted),
  quantiles: ({ held, columns, reduced, quantiles }) => {
    const shape = columns ? [...held.header.shape.slice(0, -1), columns.length] : held.header.shape;
    const values = quantilesOf(forEachView(held, columns), layoutOf(shape, reduced), quantiles);
    return { values, blocks: held.blocks };
  },
  scale_lost: ({ inputs, outputs }) => {
    const count = countIndistinguishable(toFloat64(inputs), toFloat64(outputs), sampleCount(inputs.header));
    return { count, inputs: inputs.blocks, outputs: outputs.blocks };
  },
  changes: measurePreservation,
  decode: runDecode,
  decode_inference: runDecodeInference,
  widen: ({ buffer }) => widenBfloat16(buffer),
  transpose: ({ header, buffer }) => fromFortran(header, buffer),
  // Pictures and exports are asked for now and then: what they need is loaded then.
  render: async (task) => (await import('#compare/render-task.ts')).runRender(task),
  draw: async (task) => (await import('#compare/render-task.ts')).runDraw(task),
  csv: runCsv,
  to_rows: runToRows,
  tail: (task) => timeEncoding(() => summaryToJson(task)),
  archive: summaryToFiles,
  weights: runWeights,
  export: async (task) => (await import('#interop/export-task.ts')).runExport(task),
};

/** Runs a task in this thread. */
export function runTask<Kind extends keyof Tasks>(task: Tasks[Kind]['task'] & { kind: Kind }): Result<Kind> {
  return handlers[task.kind](task);
}
