import { free } from '#memory/free.ts';
import { defineTask } from '#pool/task.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import type { TableRows } from './json-columns.ts';
import { openJsonTable } from './read-table.ts';

interface ReadTableTask {
  /** The JSON text that the table stands in. */
  body: ArrayBuffer;
  start: number;
  pointer: string;
  plan: Pick<ColumnPlan, 'numbers' | 'carried'>;
}

function readRows({ body, start, pointer, plan }: ReadTableTask): TableRows {
  const rows = openJsonTable(new Uint8Array(body), start, pointer).read(plan);
  free(body);
  return rows;
}

/** Reads the rows of a table in JSON. */
export const readJsonTableTask = defineTask({
  name: 'read_json_table',
  run: readRows,
  transfers: ({ body }) => [body],
  phase: 'decode',
});
