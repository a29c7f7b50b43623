import { defineTask } from '#pool/task.ts';
import { type CarriedColumn, ownCarried } from '#tensor/carried.ts';
import type { PageJob } from './decode-page.ts';

/** Decodes a page of a Parquet file. */
export const decodePageTask = defineTask({
  name: 'decode_parquet_page',
  async run(job: PageJob): Promise<CarriedColumn> {
    const { decodePage } = await import('./decode-page.ts');
    return ownCarried(decodePage(job));
  },
  transfers: ({ bytes }) => (bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []),
  phase: 'decode',
});
