import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import { heldDtype } from '#formats/held-dtype.ts';
import { writeNpyHeader } from './header.ts';
import { concatBytes } from '#memory/concat.ts';
import { type AnswerHeader, type AnswerWriter, prepend } from '#formats/writer.ts';

/** The data alone, C order, in the output dtype. */
export const npyWriter: AnswerWriter = {
  holds: ['data'],
  encoding: () => 'bytes',
  async *write(answer, output) {
    yield* prepend(npyHeader(answer), output);
  },
  writeInline: (answer, pieces) => concatBytes([npyHeader(answer), ...pieces]),
  countsFirst: () => true,
  length: npyLength,
};

/** What stands before the elements of an answer. */
export function npyHeader({ outputDtype, outputShape: shape }: AnswerHeader): Uint8Array {
  return writeNpyHeader(heldDtype(outputDtype, 'npy'), shape);
}

/** Length in bytes of the answer as an npy file. */
export function npyLength(answer: AnswerHeader): number {
  return npyHeader(answer).length + elementCount(answer.outputShape) * itemSize(answer.outputDtype);
}
