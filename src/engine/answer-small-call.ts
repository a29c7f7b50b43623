import { recordInline } from '#pool/task-timing.ts';
import type { Runner } from '#pool/task.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { elementCount } from '#tensor/shape.ts';
import { noteProcessed } from './note-processed.ts';
import type { Call } from './plan-call.ts';
import { reserveSmallCall } from './reserve-small-call.ts';
import { type SmallCall, smallCallTask } from './small-call.task.ts';

/** Elements that take about as long as their JSON takes to parse, which happens in the event loop, too. */
const maxInlineElements = 2 ** 10;

/**
 * The whole answer of a small call; JSON as text. What takes less time than a trip to a thread is computed at once.
 * @throws Problem body_too_large, unavailable; or what does not fit the data
 */
export async function answerSmallCall(small: SmallCall, run: Runner): Promise<Uint8Array | string> {
  const { call, tensor } = small;
  if (isQuick(call, tensor.shape)) return recordInline(() => smallCallTask.run(small));
  reserveSmallCall(call, tensor);
  const answer = await run(smallCallTask, small);
  noteProcessed(call, tensor);
  return answer;
}

/** Whether a call takes microseconds: some fits take much longer than their few elements suggest. */
function isQuick({ normalizer, fitted, statistics, profile }: Call, shape: readonly number[]): boolean {
  if (elementCount(shape) > maxInlineElements || profile) return false;
  if (statistics && (statistics.quantiles || statistics.histogram)) return false;
  const asked = fitted?.normalizer ?? normalizer;
  if (!asked) return true;
  const method = methodOf(asked);
  const isFitted = fitted?.scope === 'dataset';
  return !method.joint && (isFitted || !method.wholeSlices?.(asked));
}
