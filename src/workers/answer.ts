import type { WrittenFormat } from '#wire/media.ts';
import { arrowAnswer } from './answers/arrow.ts';
import { csvAnswer } from './answers/csv.ts';
import { jsonAnswer } from './answers/json.ts';
import { npyAnswer } from './answers/npy.ts';
import { npzAnswer } from './answers/npz.ts';
import { svgAnswer } from './answers/svg.ts';
import { oipBinary, oipJson } from './answers/oip.ts';
import type { AnswerWriter } from './answers/writer.ts';

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
