import { concatBytes } from '#memory/concat.ts';
import { asciiText } from '#formats/json/ascii-text.ts';
import type { AnswerWriter } from '#formats/writer.ts';

/** The bytes of the output alone: what frames them (formats/oip/response.ts) is known beforehand. */
export const oipBinaryWriter: AnswerWriter = {
  holds: ['data'],
  encoding: () => 'bytes',
  write: (_, output) => output,
  writeInline: (_, pieces) => concatBytes(pieces),
};

/** The numbers of the output as JSON writes a flat list, without brackets. */
export const oipJsonWriter: AnswerWriter = {
  holds: ['data'],
  encoding: () => 'finite',
  write: (_, output) => output,
  writeInline: (_, pieces) => pieces.map(asciiText).join(''),
};
