import type { WrittenFormat } from './media-types.ts';
import { arrowAnswer } from './arrow/write.ts';
import { csvAnswer } from './csv/write.ts';
import { jsonAnswer } from './json/write.ts';
import { npyAnswer } from './npy/write.ts';
import { npzAnswer } from './npz/write.ts';
import { svgAnswer } from './svg/write.ts';
import { oipBinary, oipJson } from './oip/write.ts';
import type { AnswerWriter } from './writer.ts';

/** The formats that clients name, and those of the Open Inference Protocol, which its route frames. */
export type AnswerFormat = WrittenFormat | 'oip_binary' | 'oip_json';

/** How an answer is written in each format. */
export const answerWriters: Record<AnswerFormat, AnswerWriter> = {
  json: jsonAnswer,
  npy: npyAnswer,
  npz: npzAnswer,
  arrow: arrowAnswer,
  csv: csvAnswer,
  svg: svgAnswer,
  oip_binary: oipBinary,
  oip_json: oipJson,
};
