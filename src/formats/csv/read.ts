import { Problem, problemAt, quote } from '#errors.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import type { Pool } from '#pool/pool.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import { type ByteReader, readBytes } from '#formats/stream/byte-reader.ts';
import { chunkLines } from '#formats/stream/line-chunks.ts';
import type { Body, FormatReader } from '#formats/reader.ts';
import { readTable } from '#formats/table-body.ts';
import type { TablePiece } from '#formats/table-source.ts';
import { decodeUtf16 } from './decode-utf16.ts';
import { lastRecordEnd } from './dialect.ts';
import { readCsvOptions } from './options.ts';
import { parseCsvTask } from './parse.task.ts';
import { countBlankBytes, type CsvHead, hasFirstLine, readCsvHead } from './read-head.ts';
import type { CsvRowPlan, CsvRows } from './read-rows.ts';

/** Up to this many bytes are parsed on the event loop; more go to a worker. */
const inlineCsvBytes = 2 ** 14;

const newline = 0x0a;

const consumedQuery = ['header', 'delimiter', 'decimal'];

/** A table where the first line is a header, otherwise an array; numbers are float64. */
export const readCsv: FormatReader = async (body, reading): Promise<Body> => {
  const { pool, limit } = reading;
  const options = readCsvOptions(reading);
  let head: CsvHead | undefined;
  const pieces = chunkLines(await readUtf8(body), limit, (bytes) => {
    if (!head && hasFirstLine(bytes, options)) head = readCsvHead(bytes, options);
    return head ? lastRecordEnd(bytes, head.dialect.delimiter) : countBlankBytes(bytes);
  });
  let linesBefore = 0;
  let first: Uint8Array<ArrayBuffer>;
  for (;;) {
    const next = await pieces.next();
    if (next.done) throw new Problem('broken_body', 'The CSV has no lines.');
    first = next.value;
    head ??= readCsvHead(first, options);
    if (head) break;
    linesBefore += linesIn(first);
  }
  const csv: OpenCsv = { head, first, pieces, pool, linesBefore: linesBefore + head.lines };
  if (head.hasHeader) return { envelope: {}, table: tableOf(csv), consumedQuery };
  const array = await readTable({
    dtype: 'float64',
    sample: [head.columns.length],
    pieces: valuesOf(rowsOf(csv, { numbers: head.columns.map((_, at) => at), carried: [] })),
  });
  return { ...array, warnings: head.warnings, consumedQuery };
};

/** A CSV whose first lines have been read. */
interface OpenCsv {
  head: CsvHead;
  /** The first piece, the header included. */
  first: Uint8Array<ArrayBuffer>;
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
  pool: Pool;
  /** Lines before the first row. */
  linesBefore: number;
}

function tableOf(csv: OpenCsv): NonNullable<Body['table']> {
  const { columns, dialect, warnings } = csv.head;
  return {
    schema: columns,
    form: 'file',
    dialect,
    warnings,
    inMemory: false,
    dtypeOf: () => 'float64',
    carriedType: () => ({ type: { kind: 'utf8' } }),
    read: (plan) => rowsOf(csv, plan),
  };
}

/** Rows that follow each other; a fault is told with its line and column. */
async function* rowsOf(
  { head, first, pieces, pool, linesBefore }: OpenCsv,
  { numbers, carried }: Pick<ColumnPlan, 'numbers' | 'carried'>,
): AsyncGenerator<TablePiece, void> {
  const { dialect, columns, dataOffset } = head;
  const booleans = numbers.filter((at) => columns[at].kind === 'boolean');
  const plan: CsvRowPlan = { dialect, columns: columns.length, numbers, carried, booleans };
  const parse = async (bytes: Uint8Array<ArrayBuffer>, start: number): Promise<CsvRows> => {
    const task = { bytes: bytes.buffer, start, plan };
    return bytes.length <= inlineCsvBytes ? parseCsvTask.run(task) : pool.run(parseCsvTask, task);
  };
  async function* parsed(): AsyncGenerator<CsvRows, void> {
    yield await parse(first, dataOffset);
    yield* mapInOrder(pieces, pool.run.width, (piece) => parse(piece, 0));
  }
  let rows = 0;
  let lines = linesBefore;
  for await (const piece of parsed()) {
    rows += piece.rows;
    lines += piece.lines;
    if (piece.fault) throw faultAt(piece.fault, rows, lines, head);
    yield { elements: piece.values.buffer, rows: piece.rows, carried: piece.carried };
  }
}

function faultAt(
  { code, column, detail }: NonNullable<CsvRows['fault']>,
  row: number,
  line: number,
  { columns, hasHeader }: CsvHead,
): Problem {
  if (column === undefined) return problemAt(code, `/data/${row}`, `Line ${line} ${detail}`);
  const isNamed = hasHeader && column < columns.length;
  const place = isNamed ? `column ${quote(columns[column].name)}` : `cell ${column + 1}`;
  return problemAt(code, `/data/${row}/${column}`, `Line ${line}, ${place}: ${detail}`);
}

async function* valuesOf(pieces: AsyncIterable<TablePiece>): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for await (const { elements } of pieces) yield new Uint8Array(elements);
}

/** Excel and PowerShell write UTF-16, with a byte order mark. */
async function readUtf8(body: AsyncIterable<Uint8Array>): Promise<ByteReader> {
  const reader = readBytes(body);
  const mark = await reader.header(
    (bytes) => (bytes.length < 2 ? null : (bytes[0] << 8) | bytes[1]),
    () => 0,
  );
  if (mark !== 0xfffe && mark !== 0xfeff) return reader;
  async function* rest(): AsyncGenerator<Uint8Array, void> {
    for (let next = await reader.some(Infinity); next.length > 0; next = await reader.some(Infinity)) yield next;
  }
  return readBytes(decodeUtf16(rest()));
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines++;
  return lines;
}
