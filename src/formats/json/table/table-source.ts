import type { TableSource } from '#formats/table-source.ts';
import type { Pool } from '#pool/pool.ts';
import { type JsonTable, openJsonTable } from './read-table.ts';
import { readJsonTableTask } from './read-table.task.ts';

/** What is known of a table in JSON before its rows are read, wherever that was found out. */
export interface OpenedTable extends Pick<JsonTable, 'form' | 'schema' | 'index'> {
  /** The JSON text that it stands in. */
  body: Uint8Array<ArrayBuffer>;
  start: number;
  pointer: string;
  /** Reads its rows; absent once it has come from another thread. */
  read?: JsonTable['read'];
}

/** @throws Problem for what is wrong with its columns */
export function openTableIn(body: Uint8Array<ArrayBuffer>, start: number, pointer: string): OpenedTable {
  return { ...openJsonTable(body, start, pointer), body, start, pointer };
}

/**
 * A table in JSON as a source.
 * @param pool where its rows are read, unless it was opened in this thread
 */
export function jsonTableSource(table: OpenedTable, pool: Pool): TableSource {
  const { form, schema, index, body, start, pointer } = table;
  return {
    schema,
    form,
    index,
    warnings: [],
    inMemory: true,
    dtypeOf: () => 'float64',
    carriedType: () => ({ type: { kind: 'json' } }),
    async *read({ numbers, carried }) {
      const plan = { numbers, carried };
      const task = { body: body.buffer, start, pointer, plan };
      const read = table.read?.(plan) ?? (await pool.run(readJsonTableTask, task));
      yield { elements: read.values.buffer, rows: read.rows, carried: read.carried };
    },
  };
}
