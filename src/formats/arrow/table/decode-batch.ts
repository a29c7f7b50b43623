import type { Runner } from '#pool/task.ts';
import { decodeBatchTask, type DecodeBatch, type DecodedBatch } from './decode-batch.task.ts';
import { readMessage } from '../decode-message.ts';
import { readRecordBatch } from '../record-batch.ts';

/** Batches up to this many bytes are decoded on the event loop; more go to a worker, and what inflates, however small. */
const inlineBatchBytes = 2 ** 14;

/** Decodes a record batch where that takes no time from others. */
export async function decodeBatch(job: DecodeBatch, run: Runner): Promise<DecodedBatch> {
  return isSmall(job) ? decodeBatchTask.run(job) : run(decodeBatchTask, job);
}

function isSmall({ metadata, body }: DecodeBatch): boolean {
  if (body.length > inlineBatchBytes) return false;
  return readRecordBatch(readMessage(metadata).header, body.length).codec === undefined;
}
