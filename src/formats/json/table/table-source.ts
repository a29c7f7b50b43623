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
}

/** @throws Problem for what is wrong with its columns */
export function openTableIn(body: Uint8Array<ArrayBuffer>, start: number, pointer: string): OpenedTable {
  const { form, schema, index } = openJsonTable(body, start, pointer);
  return { form, schema, index, body, start, pointer };
}

/**
 * A table in JSON as a source.
 * @param pool where its rows are read, unless they are few
 */
export function jsonTableSource({ form, schema, index, body, start, pointer }: OpenedTable, pool?: Pool): TableSource {
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
      const read = pool ? await pool.run(readJsonTableTask, task) : openJsonTable(body, start, pointer).read(plan);
      yield { elements: read.values.buffer, rows: read.rows, carried: read.carried };
    },
  };
}
