import { Problem } from '#errors.ts';
import { formatShape } from '#tensor/shape.ts';
import { columnCount } from '#formats/table-columns.ts';
import { csvHeader } from './format-rows.ts';
import { runCall } from '#engine/run-call.ts';
import type { AnswerWriter } from '#formats/writer.ts';

const utf8 = new TextEncoder();

/** The data alone, a line for each row; under a header where the request named the columns. */
export const csvAnswer: AnswerWriter = {
  holds: ['data'],
  async *write(call, input, run, limit) {
    const { shape } = input.source;
    const columns = columnCount(shape);
    if (shape.length > 2 || columns === 0) {
      const detail = `CSV has rows and columns; an array of shape ${formatShape(shape)} goes as JSON, npy or Arrow.`;
      throw new Problem('not_computable', detail);
    }
    const pieces = runCall(call, input, 'csv', run, limit);
    const first = await pieces.next();
    const names = input.columns?.names ?? [];
    // One name for a column of lists is no header.
    if (names.length === columns) yield utf8.encode(csvHeader(names));
    if (first.done) return;
    yield first.value;
    for await (const piece of pieces) yield piece;
  },
};
