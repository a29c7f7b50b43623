import type { CarriedColumn } from '#tensor/carried.ts';
import { ownCarried } from '#tensor/carried.ts';
import type { ArrayDtype } from '#tensor/dtype.ts';
import { defineTask } from '#pool/task.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import { toRowMajor } from '#tables/numbers.ts';
import type { TablePiece } from '#formats/table-source.ts';
import { cutRows } from './cut-rows.ts';
import { createArrowDecoder } from '../decode.ts';
import { readMessage } from '../decode-message.ts';
import type { ArrowTableSchema } from '../table-schema.ts';

/** A record batch as it is stored, and what is wanted of it. */
export interface DecodeBatch {
  schema: ArrowTableSchema;
  metadata: Uint8Array;
  body: Uint8Array;
  /** Bytes that it may inflate to. */
  limit: number;
  /** By their ids; those without numbers have no values, but their lengths. */
  dictionaries: Map<number, CarriedColumn>;
  plan: Pick<ColumnPlan, 'numbers' | 'carried'>;
  /** What the numbers become. */
  dtype: ArrayDtype;
  /** The lengths of the lists, where batches before had any. */
  listShape?: number[];
}

/** The rows of a batch; what is carried has no dictionaries. */
export interface DecodedBatch {
  pieces: TablePiece[];
  /** The lengths of the lists, where the column is of lists. */
  listShape?: number[];
}

function decodeBatch({ schema, metadata, body, limit, plan, dtype, ...before }: DecodeBatch): DecodedBatch {
  const message = readMessage(metadata);
  const { numbers, carried } = plan;
  const batch = createArrowDecoder(schema, limit, before).readRows(message, body);
  const pieces: TablePiece[] = [];
  for (const { rows, columns } of cutRows(batch, [...numbers, ...carried])) {
    const named = numbers.map((place, at) => ({ name: schema.fields[place].name, column: columns[at] }));
    const length = columns[0]?.length ?? rows;
    pieces.push({
      elements: toRowMajor(named, dtype, length),
      rows,
      carried: columns.slice(numbers.length).map((column) => ownCarried({ ...column, dictionary: undefined })),
    });
  }
  return { pieces, listShape: batch.listShape };
}

/** Decodes a record batch. */
export const decodeBatchTask = defineTask({
  name: 'decode_arrow_batch',
  run: decodeBatch,
  transfers: ({ body }) => (body.buffer instanceof ArrayBuffer ? [body.buffer] : []),
  phase: 'decode',
});
