import type { Runner } from '#pool/task.ts';
import { noteProcessed } from './note-processed.ts';
import { reserveSmallCall } from './reserve-small-call.ts';
import { type SmallCall, smallCallTask } from './small-call.task.ts';

/**
 * The whole answer of a small call; JSON as text.
 * @throws Problem body_too_large, unavailable; or what does not fit the data
 */
export async function answerSmallCall(small: SmallCall, run: Runner): Promise<Uint8Array | string> {
  const { call, tensor } = small;
  reserveSmallCall(call, tensor);
  const answer = await run(smallCallTask, small);
  noteProcessed(call, tensor);
  return answer;
}
