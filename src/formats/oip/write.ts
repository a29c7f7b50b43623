import { runCall } from '#engine/run-call.ts';
import { concatBytes } from '#memory/concat.ts';
import { runCallInline } from '#engine/run-inline.ts';
import { asciiText } from '#formats/json/ascii-text.ts';
import type { AnswerWriter } from '#formats/writer.ts';

/** The bytes of the output alone: what frames them (formats/oip/response.ts) is known beforehand. */
export const oipBinary: AnswerWriter = {
  holds: ['data'],
  async *write(call, input, run, limit) {
    yield* runCall(call, input, 'bytes', run, limit);
  },
  atOnce: (call, input) => concatBytes(runCallInline(call, input, 'bytes').pieces),
};

/** The numbers of the output as JSON writes a flat list, without brackets. */
export const oipJson: AnswerWriter = {
  holds: ['data'],
  async *write(call, input, run, limit) {
    yield* runCall(call, input, 'finite', run, limit);
  },
  atOnce: (call, input) => runCallInline(call, input, 'finite').pieces.map(asciiText).join(''),
};
