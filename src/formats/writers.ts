import type { WrittenFormat } from './media-types.ts';
import { arrowWriter } from './arrow/write.ts';
import { csvWriter } from './csv/write.ts';
import { jsonWriter } from './json/write.ts';
import { npyWriter } from './npy/write.ts';
import { npzWriter } from './npz/write.ts';
import { svgWriter } from './svg/write.ts';
import { oipBinaryWriter, oipJsonWriter } from './oip/write.ts';
import type { AnswerWriter } from './writer.ts';

/** The formats that clients name, and those of the Open Inference Protocol, which its route frames. */
export type AnswerFormat = WrittenFormat | 'oip_binary' | 'oip_json';

/** How an answer is written in each format. */
export const answerWriters: Record<AnswerFormat, AnswerWriter> = {
  json: jsonWriter,
  npy: npyWriter,
  npz: npzWriter,
  arrow: arrowWriter,
  csv: csvWriter,
  svg: svgWriter,
  oip_binary: oipBinaryWriter,
  oip_json: oipJsonWriter,
};
