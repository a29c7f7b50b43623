import { defaultOutput, itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import { writeNpyHeader } from './header.ts';
import { runCall, type TensorInput } from '#engine/run-call.ts';
import { concatBytes } from '#memory/concat.ts';
import { runCallInline } from '#engine/run-inline.ts';
import type { Call } from '#engine/plan-call.ts';
import type { AnswerWriter } from '#formats/writer.ts';

/** The data alone, C order, in the output dtype. */
export const npyAnswer: AnswerWriter = {
  holds: ['data'],
  async *write(call, input, run, limit) {
    const pieces = runCall(call, input, 'bytes', run, limit);
    // The header goes out with the first piece: until then an error can still be told.
    const first = await pieces.next();
    yield npyHeader(call, input);
    if (first.done) return;
    yield first.value;
    for await (const piece of pieces) yield piece;
  },
  atOnce(call, input) {
    const { pieces } = runCallInline(call, input, 'bytes');
    return concatBytes([npyHeader(call, input), ...pieces]);
  },
  countsFirst: () => true,
  length: npyLength,
};

/** What stands before the elements of an answer. */
export function npyHeader(call: Call, { source: { dtype, shape } }: TensorInput): Uint8Array {
  return writeNpyHeader(call.outputDtype ?? defaultOutput(dtype), shape);
}

/** Bytes of the answer's data as an npy file. */
export function npyLength(call: Call, input: TensorInput): number {
  const { dtype, shape } = input.source;
  return npyHeader(call, input).length + elementCount(shape) * itemSize(call.outputDtype ?? defaultOutput(dtype));
}
