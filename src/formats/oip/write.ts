import { concatBytes } from '#memory/concat.ts';
import { asciiText } from '#formats/json/ascii-text.ts';
import type { AnswerWriter } from '#formats/writer.ts';

/** The bytes of the output alone; the route adds the frame (formats/oip/response.ts), and puts the columns of tables together. */
export const oipBinaryWriter: AnswerWriter = {
  holds: ['data'],
  writesTable: () => true,
  encoding: () => 'bytes',
  write: (_, output) => output,
  writeInline: (_, pieces) => concatBytes(pieces),
};

/** The numbers of the output as a flat JSON list without brackets; the route adds the frame. */
export const oipJsonWriter: AnswerWriter = {
  holds: ['data'],
  writesTable: () => true,
  encoding: () => 'finite',
  write: (_, output) => output,
  writeInline: (_, pieces) => pieces.map(asciiText).join(''),
};
