import { defineTask } from '#pool/task.ts';
import { checkHeapSize } from './body-text.ts';
import { findTable, isTable } from './table/find-table.ts';
import { skipBlanks } from './table/scan.ts';

interface MeasureTask {
  /** A JSON body, UTF-8. */
  body: ArrayBuffer;
  /** Maximum bytes of the request in memory. */
  limit: number;
}

/**
 * Measures a JSON body, and transfers it back with an upper bound of its parsed size in bytes, which a table has not.
 * @throws Problem body_too_large
 */
export const measureJsonTask = defineTask({
  name: 'measure_json',
  run({ body, limit }: MeasureTask): { body: ArrayBuffer; size?: number } {
    const text = new Uint8Array(body);
    // Tables are read without parsing.
    const holdsTable = isTable(text, skipBlanks(text, 0)) || findTable(text) !== undefined;
    return { body, size: holdsTable ? undefined : checkHeapSize(body, limit) };
  },
  transfers: ({ body }) => [body],
  phase: 'decode',
});
