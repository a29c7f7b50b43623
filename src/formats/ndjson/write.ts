import { Problem } from '#errors.ts';
import { formatShape } from '#tensor/shape.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import { columnCount } from '#formats/table-columns.ts';
import type { AnswerHeader, AnswerWriter } from '#formats/writer.ts';

/** The data alone, one record a line. */
export const ndjsonWriter: AnswerWriter = {
  holds: ['data'],
  writesTable: () => true,
  encoding: (answer) => ({ style: 'line', columns: answer.table?.answer?.columns ?? columnsOf(answer) }),
  write: (_, output) => output,
};

/** The columns of an array, which are called by their places where nothing names them. */
function columnsOf({ input: { shape }, columns }: AnswerHeader): AnswerColumn[] {
  const count = columnCount(shape);
  if (shape.length > 2 || shape.length === 0 || count === 0) {
    const detail = `NDJSON has rows and columns; an array of shape ${formatShape(shape)} goes as JSON or npy.`;
    throw new Problem('not_computable', detail);
  }
  const isNamed = columns?.names.length === count;
  return Array.from({ length: count }, (_, at) => {
    const name = isNamed ? columns.names[at] : String(at);
    return { name, from: 'numbers', at };
  });
}
