import { move, transferableSymbol, valueSymbol } from 'piscina';
import { toSource } from '#tensor/source.ts';
import type { Tensor } from '#tensor/tensor.ts';
import type { TableColumns } from '#formats/table-columns.ts';
import type { TensorForm } from '#formats/locate-value.ts';
import { type AnswerFormat, answerWriters } from '#formats/writers.ts';
import { collectBytes } from '#memory/concat.ts';
import { inlineRunner } from '#engine/run-inline.ts';
import { runTimed } from '#pool/task-timing.ts';
import type { TaskResult } from '#pool/task-result.ts';
import { runTask, type Task } from './tasks.ts';
import type { Call } from '#engine/plan-call.ts';

/** A call small enough for one thread. */
export interface SmallCall {
  call: Call;
  tensor: Tensor;
  bigEndian: boolean;
  form: TensorForm;
  columns?: TableColumns;
  /** The format of the answer. */
  format: AnswerFormat;
}

/** What a worker is asked: one task of a large call, or some small calls that came at the same time. */
export type Job = { task: Task } | { calls: SmallCall[] };

/** What a worker thread does with a job. Each call's error stays its own. */
export async function runJob(job: Job): Promise<unknown> {
  const outcomes: TaskResult<unknown>[] = [];
  if ('task' in job) outcomes.push(await runTimed(() => runTask(job.task as never)));
  // One after the other, so that each one's time is its own.
  else for (const call of job.calls) outcomes.push(await runTimed(() => runSmallCall(call)));
  return move({ [valueSymbol]: outcomes, [transferableSymbol]: [...findBuffers(outcomes)] });
}

/** JSON as text: it is cheaper to hand over than a buffer, and goes to the socket in one piece with its header. */
function runSmallCall({ call, tensor, bigEndian, form, columns, format }: SmallCall) {
  const input = { source: toSource(tensor, bigEndian), form, columns, inMemory: true };
  const { atOnce, write } = answerWriters[format];
  return atOnce ? atOnce(call, input) : collectBytes(write(call, input, inlineRunner, Infinity));
}

/** Every buffer in a result: they go back by transfer. */
function findBuffers(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (value instanceof ArrayBuffer) found.add(value);
  else if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
  else if (Array.isArray(value)) {
    if (typeof value[0] === 'object') for (const item of value) findBuffers(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) findBuffers(item, found);
  }
  return found;
}
