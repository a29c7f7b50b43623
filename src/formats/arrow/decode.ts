import { Problem } from '#errors.ts';
import { carriedBytes, type CarriedColumn, ownCarried } from '#tensor/carried.ts';
import { concatCarried } from '#tables/concat-carried.ts';
import { readBatchBody } from './batch-body.ts';
import { readBatchColumn } from './batch-columns.ts';
import { readListColumn } from './list-column.ts';
import { broken, type Message } from './decode-message.ts';
import { readDictionaryBatch, readRecordBatch } from './record-batch.ts';
import type { ArrowTableSchema } from './table-schema.ts';

/** The rows of a record batch, a column for each field of the schema. */
export interface ArrowRows {
  rows: number;
  /** Views on the body where nothing had to be inflated. */
  columns: CarriedColumn[];
  /** The lengths of the lists, outermost first, where the only column is of lists; it then has the numbers in them. */
  listShape?: number[];
}

export interface ArrowDecoder {
  /** @throws Problem broken_body, body_too_large */
  addDictionary(message: Message, body: Uint8Array): void;
  /** @throws Problem broken_body, body_too_large; invalid_data for lists that are null, ragged_rows for unequal ones */
  readRows(message: Message, body: Uint8Array): ArrowRows;
}

/** Bytes that deltas may copy in all: each puts a dictionary together anew. */
const maxDeltaBytes = 2 ** 33;

/** What the messages before have brought. */
export interface DecodedBefore {
  dictionaries: Map<number, CarriedColumn>;
  /** The lengths of the lists, where there were any. */
  listShape?: number[];
}

/**
 * Decodes the messages that follow a schema.
 * @param limit bytes that one batch may inflate to, and that all dictionaries may take
 * @param before what is added to
 */
export function createArrowDecoder(
  schema: ArrowTableSchema,
  limit: number,
  before: DecodedBefore = { dictionaries: new Map() },
): ArrowDecoder {
  const { dictionaries } = before;
  let deltaBytes = 0;

  return {
    addDictionary({ header, bodyLength }, body) {
      const { id, isDelta, batch } = readDictionaryBatch(header, bodyLength);
      const field = schema.fields.find(({ dictionaryId }) => dictionaryId === id);
      if (!field?.values) throw broken(`there is no column for the dictionary ${id}`);
      const reader = readBatchBody(batch, body, { bytes: limit });
      const values = { name: field.name, type: field.values, isNullable: true, isIndex: false };
      const added = readBatchColumn(reader, values, batch.rows, dictionaries);
      const known = isDelta ? dictionaries.get(id) : undefined;
      if (known) {
        deltaBytes += carriedBytes(known);
        if (deltaBytes > maxDeltaBytes) throw broken(`the dictionary ${id} grows by too many small deltas`);
      }
      dictionaries.set(id, ownCarried(known ? concatCarried([known, added]) : added));
      const held = dictionaries.values().reduce((bytes, dictionary) => bytes + carriedBytes(dictionary), 0);
      if (held > limit) {
        throw new Problem('body_too_large', `The dictionaries take ${held} bytes, and one request may hold ${limit}.`);
      }
    },

    readRows({ header, bodyLength }, body) {
      const batch = readRecordBatch(header, bodyLength);
      const reader = readBatchBody(batch, body, { bytes: limit });
      const { rows } = batch;
      if (schema.lists) {
        const lists = readListColumn(reader, schema.fields[0], schema.lists, rows, before.listShape);
        if (rows > 0) before.listShape = lists.shape;
        return { rows, columns: [lists.column], listShape: lists.shape };
      }
      return { rows, columns: schema.fields.map((field) => readBatchColumn(reader, field, rows, dictionaries)) };
    },
  };
}
