import { Problem } from '#errors.ts';
import { formatShape } from '#tensor/shape.ts';
import { isInTensorOrder, type TableLayout } from '#formats/table-source.ts';
import { columnCount } from '#formats/table-columns.ts';
import { plainCsv } from './dialect.ts';
import { writeCsvHeader } from './write-rows.ts';
import { type AnswerWriter, prepend } from '#formats/writer.ts';

const utf8 = new TextEncoder();

/** The data alone, one line per row, with a header if the request named the columns. */
export const csvWriter: AnswerWriter = {
  holds: ['data'],
  writesTable: () => true,
  encoding({ table }) {
    if (!table?.answer || isPlain(table)) return 'csv';
    const { columns, dialect } = table.answer;
    return { style: 'csv', columns, dialect };
  },
  async *write({ input: { shape }, columns, table }, output) {
    if (table?.answer) {
      const { columns: answered, dialect = plainCsv } = table.answer;
      yield* prepend(utf8.encode(writeCsvHeader(answered, dialect)), output);
      return;
    }
    const count = columnCount(shape);
    if (shape.length > 2 || count === 0) {
      const detail = `CSV has rows and columns; for an array of shape ${formatShape(shape)} ask for JSON, npy or Arrow.`;
      throw new Problem('not_computable', detail);
    }
    const names = columns?.names ?? [];
    // One name for a column of lists is no header.
    const isNamed = names.length === count;
    const header = writeCsvHeader(
      names.map((name) => ({ name })),
      plainCsv,
    );
    yield* isNamed ? prepend(utf8.encode(header), output) : output;
  },
};

/** Whether the rows are those of the array alone, as the kernels write them. */
function isPlain(table: TableLayout): boolean {
  const { dialect = plainCsv } = table.answer ?? {};
  return isInTensorOrder(table) && dialect.delimiter === plainCsv.delimiter && dialect.decimal === plainCsv.decimal;
}
