import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { Job } from '#pool/dispatch.ts';
import { runTimed } from '#pool/task-timing.ts';
import type { TaskResult } from '#pool/task-result.ts';
import { taskKinds } from './tasks.ts';

/** What a worker thread does with a job: its tasks one after the other, so that each one's time and error are its own. */
export async function runJob(job: Job): Promise<unknown> {
  const results: TaskResult<unknown>[] = [];
  for (const { kind, task } of job) {
    const declared = taskKinds.get(kind);
    results.push(
      await runTimed(() => {
        if (!declared) throw new Error(`Unknown task ${kind}.`);
        return declared.run(task);
      }),
    );
  }
  return move({ [valueSymbol]: results, [transferableSymbol]: [...findBuffers(results)] });
}

/** Bytes from which a buffer is transferred: copying a smaller one costs no more. */
const minTransferBytes = 2 ** 12;

/**
 * The buffers of a result that go back by transfer. Small ones do not, because Node compares each with every other, which
 * would take half a minute for the buffers of 2^18 slices.
 */
function findBuffers(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  const buffer = ArrayBuffer.isView(value) ? (value.buffer as ArrayBuffer) : value;
  if (buffer instanceof ArrayBuffer) {
    if (buffer.byteLength >= minTransferBytes) found.add(buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === 'object') for (const item of value) findBuffers(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) findBuffers(item, found);
  }
  return found;
}
