import { Problem, problemAt, quote } from '#errors.ts';
import { type CsvResult, parseCsvTask } from './parse.task.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import { readBytes } from '#formats/stream/byte-reader.ts';
import { chunkAtNewlines } from '#formats/stream/line-chunks.ts';
import type { FormatReader } from '#formats/reader.ts';
import { readTable } from '#formats/table-body.ts';

/** Up to this many bytes are parsed on the event loop; more go to a worker. */
const inlineCsvBytes = 2 ** 14;

/** Reads comma-separated numbers, with or without a header, as float64. */
export const readCsv: FormatReader = async (body, { pool, limit, contentType, options }) => {
  const header = headerOption(options.header) ?? headerParameter(contentType);
  const pieces = chunkAtNewlines(readBytes(body), limit);
  const parse = async (piece: Uint8Array<ArrayBuffer>, columns?: number): Promise<CsvResult> => {
    const task = { bytes: piece.buffer, columns, header };
    return piece.length <= inlineCsvBytes ? parseCsvTask.run(task) : pool.run(parseCsvTask, task);
  };

  let blank = 0;
  let first: CsvResult;
  do {
    const next = await pieces.next();
    if (next.done) throw new Problem('broken_body', 'The CSV has no lines.');
    first = await parse(next.value);
    if (first.columns === undefined) blank += first.lines;
  } while (first.columns === undefined);

  const { columns, names } = first;
  async function* parsed(): AsyncGenerator<CsvResult, void> {
    yield first;
    yield* mapInOrder(pieces, pool.run.width, (piece) => parse(piece, columns));
  }
  const table = await readTable({
    dtype: 'float64',
    sample: [columns],
    columns: names && { names, ofLists: false },
    pieces: valuesOf(parsed(), blank, names),
  });
  return { ...table, consumedQuery: ['header'] };
};

/** The values of consecutive pieces; an error names the line and cell. */
async function* valuesOf(
  pieces: AsyncIterable<CsvResult>,
  linesBefore: number,
  names: readonly string[] = [],
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let rows = 0;
  let lines = linesBefore;
  for await (const piece of pieces) {
    rows += piece.rows;
    lines += piece.lines;
    if (piece.fault) {
      const { code, column, detail } = piece.fault;
      if (column === undefined) throw problemAt(code, `/data/${rows}`, `Line ${lines} ${detail}`);
      const place = names[column] === undefined ? `cell ${column + 1}` : `column ${quote(names[column])}`;
      throw problemAt(code, `/data/${rows}/${column}`, `Line ${lines}, ${place}: ${detail}`);
    }
    yield new Uint8Array(piece.values.buffer);
  }
}

/** What the query says of the first line. */
function headerOption(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw problemAt(
    'invalid_request',
    '/header',
    'header says whether the first line of a CSV is a header; it must be true or false.',
  );
}

/** The media type parameter of RFC 4180: `text/csv; header=present`. */
function headerParameter(contentType: string): boolean | undefined {
  const [, said] = /;\s*header="?(present|absent)"?\s*(?:;|$)/i.exec(contentType) ?? [];
  return said === undefined ? undefined : said.toLowerCase() === 'present';
}
