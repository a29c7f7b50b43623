import { type AnswerHeader, type AnswerWriter, type OutputPieces, prepend } from '#formats/writer.ts';
import { Problem } from '#errors.ts';
import { columnsOfAnswer, fieldsOfAnswer } from '#formats/answer-columns.ts';
import { heldDtype } from '#formats/held-dtype.ts';
import { isInTensorOrder } from '#formats/table-source.ts';
import { concatBytes } from '#memory/concat.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { type ArrowTableWriter, createArrowWriter } from './table-writer.ts';
import { blockTarget } from '#tensor/blocks.ts';
import { elementCount, formatShape } from '#tensor/shape.ts';
import { listBatches } from './encode-list-batches.ts';
import { type ArrowTable, endOfStream, schemaMessage } from './encode-messages.ts';
import { columnCount } from '#formats/table-columns.ts';

/**
 * The data alone: a table as it came, or an array under the column names of the request, or "0", "1", … if it had none. A tensor of rank 3 or more is
 * one column of fixed-size lists named "data".
 */
export const arrowWriter: AnswerWriter = {
  holds: ['data'],
  writesTable: () => true,
  // Where the columns are those of the tensor, threads write record batches.
  needsRows: ({ table }) => !isInTensorOrder(table),
  encoding: (answer) => (tableOf(answer).listShape ? 'bytes' : 'columns'),
  async *write(answer, output) {
    const table = tableOf(answer);
    const toBatches = table.listShape ? listBatches(table) : (batch: Uint8Array) => [batch];
    yield* prepend(schemaMessage(table), inBatches(output, toBatches));
    yield endOfStream;
  },
  async *writeRows(answer, rows, run) {
    const { columns } = answer.table.answer;
    const dtype = heldDtype(answer.outputDtype, 'Arrow');
    const writer = createArrowWriter(fieldsOfAnswer(answer.table.answer, dtype));
    const pieces = mapInOrder(rows, run.width, (piece) => columnsOfAnswer(columns, piece, answer, dtype, run));
    yield* prepend(writer.begin(), tableBatches(pieces, writer));
    yield endOfStream;
  },
};

async function* tableBatches(
  pieces: AsyncIterable<CarriedColumn[]>,
  writer: ArrowTableWriter,
): AsyncGenerator<Uint8Array, void> {
  for await (const columns of pieces) yield concatBytes(writer.write(columns));
}

async function* inBatches(
  output: OutputPieces,
  toBatches: (piece: Uint8Array) => Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of output) yield* toBatches(piece);
}

function tableOf({ outputShape: shape, outputDtype, columns, table }: AnswerHeader): ArrowTable {
  const dtype = heldDtype(outputDtype, 'Arrow');
  const sample = shape.slice(1);
  if (elementCount(sample) === 0) {
    throw new Problem(
      'not_computable',
      `An array of shape ${formatShape(shape)} has no columns, so it cannot be written as Arrow; ask for JSON or npy.`,
    );
  }
  if (columns?.ofLists) return { names: columns.names, dtype, listShape: sample };
  if (shape.length > 2) return { names: ['data'], dtype, listShape: sample };
  const count = columnCount(shape);
  // A record batch has whole rows, and wider rows do not fit into a block.
  if (count > blockTarget) {
    throw new Problem('not_computable', `A table of ${count} columns is too wide for Arrow; ask for npy.`);
  }
  return {
    names: columns?.names ?? table?.names ?? Array.from({ length: count }, (_, column) => String(column)),
    dtype,
  };
}
