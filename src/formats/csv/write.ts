import { Problem } from '#errors.ts';
import { formatShape } from '#tensor/shape.ts';
import { columnCount } from '#formats/table-columns.ts';
import { csvHeader } from './format-rows.ts';
import { type AnswerWriter, prepend } from '#formats/writer.ts';

const utf8 = new TextEncoder();

/** The data alone, one line per row, with a header if the request named the columns. */
export const csvWriter: AnswerWriter = {
  holds: ['data'],
  encoding: () => 'csv',
  async *write({ outputShape: shape, columns }, output) {
    const count = columnCount(shape);
    if (shape.length > 2 || count === 0) {
      const detail = `CSV has rows and columns; for an array of shape ${formatShape(shape)} ask for JSON, npy or Arrow.`;
      throw new Problem('not_computable', detail);
    }
    const names = columns?.names ?? [];
    // The single name of a column of lists does not make a header for several columns.
    yield* names.length === count ? prepend(utf8.encode(csvHeader(names)), output) : output;
  },
};
