import type { WrittenFormat } from '#wire/media.ts';
import { jsonAnswer } from './answers/json.ts';
import { npyAnswer } from './answers/npy.ts';
import { npzAnswer } from './answers/npz.ts';
import { svgAnswer } from './answers/svg.ts';
import type { AnswerWriter } from './answers/writer.ts';

/** How an answer is written in each format. */
export const answerWriters: Record<WrittenFormat, AnswerWriter> = {
  json: jsonAnswer,
  npy: npyAnswer,
  npz: npzAnswer,
  svg: svgAnswer,
};
