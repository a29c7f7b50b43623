import { Problem } from '#errors.ts';
import { blockTarget } from '#tensor/blocks.ts';
import { defaultOutput } from '#tensor/dtype.ts';
import { elementCount, formatShape } from '#tensor/shape.ts';
import { listBatches } from './encode-list-batches.ts';
import { type ArrowTable, endOfStream, schemaMessage } from './encode-messages.ts';
import { columnCount } from '#formats/table-columns.ts';
import { runCall, type TensorInput } from '#engine/run-call.ts';
import type { Call } from '#engine/plan-call.ts';
import type { AnswerWriter } from '#formats/writer.ts';

/**
 * The data alone, as the columns that came; those of other requests are called "0", "1", … A tensor of a rank over 2 is
 * one column of fixed-size lists, called "data".
 */
export const arrowAnswer: AnswerWriter = {
  holds: ['data'],
  async *write(call, input, run, limit) {
    const table = tableOf(call, input);
    const pieces = runCall(call, input, table.listShape ? 'bytes' : 'columns', run, limit);
    const first = await pieces.next();
    yield schemaMessage(table);
    const batchesOf = table.listShape ? listBatches(table) : (batch: Uint8Array) => [batch];
    if (!first.done) yield* batchesOf(first.value);
    for await (const piece of pieces) yield* batchesOf(piece);
    yield endOfStream;
  },
};

function tableOf(call: Call, { source: { dtype, shape }, columns }: TensorInput): ArrowTable {
  const output = call.outputDtype ?? defaultOutput(dtype);
  const sample = shape.slice(1);
  if (elementCount(sample) === 0) {
    throw new Problem('not_computable', `An array of shape ${formatShape(shape)} has no columns; ask for JSON or npy.`);
  }
  if (columns?.ofLists) return { names: columns.names, dtype: output, listShape: sample };
  if (shape.length > 2) return { names: ['data'], dtype: output, listShape: sample };
  const count = columnCount(shape);
  // Wider rows are more than a block, and a record batch has whole rows.
  if (count > blockTarget) {
    throw new Problem('not_computable', `A table of ${count} columns is too wide for Arrow; ask for npy.`);
  }
  return { names: columns?.names ?? Array.from({ length: count }, (_, column) => String(column)), dtype: output };
}
