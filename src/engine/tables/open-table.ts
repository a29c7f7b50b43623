import type { Body } from '#formats/reader.ts';
import type { TablePiece, TableSource } from '#formats/table-source.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import { tooLarge } from '#formats/stream/byte-reader.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import { joinRows, rechunkRows, type RowPiece, toRowSource } from '#tables/table-blocks.ts';
import { carriedBytes, type CarriedColumn } from '#tensor/carried.ts';
import { itemSize } from '#tensor/dtype.ts';
import type { Source } from '#tensor/source.ts';

/** Tables up to this many bytes are worked on in one thread. */
const inlineTableBytes = 2 ** 18;

/** The numbers of a table, and what is carried beside them, as a call works on them. */
export interface OpenTable {
  input: TensorInput;
  small: Body['small'];
  /** The rows, where all of them are in memory. */
  rows?: RowPiece;
}

/** What opening a table takes. */
export interface OpenOptions {
  /** Whether the answer is a table again. */
  isTable: boolean;
  /** Whether all rows must be in memory before the call begins. */
  isWhole: boolean;
  /** Bytes that the request may hold in memory. */
  limit: number;
}

/**
 * Opens a table for a call that needs some columns of it: a small one is read to its end, any other streams.
 * @throws Problem body_too_large where all rows must be held and are more than the limit; what is wrong with the rows
 */
export async function openTable(table: TableSource, plan: ColumnPlan, options: OpenOptions): Promise<OpenTable> {
  const dtype = table.dtypeOf(plan.numbers);
  const columns = plan.numbers.length;
  const rowBytes = columns * itemSize(dtype);
  const pieces = table.read(plan)[Symbol.asyncIterator]();
  const isHeld = options.isWhole || table.inMemory;
  const most = isHeld ? options.limit : inlineTableBytes;
  const begun: TablePiece[] = [];
  const layout = { names: plan.numbers.map((at) => table.schema[at].name), form: table.form };
  const input = {
    form: formOf(table),
    table: options.isTable ? { ...layout, answer: answerOf(table, plan) } : layout,
  } as const;
  for (let size = 0; size <= most; ) {
    const next = await pieces.next();
    if (next.done) {
      const rows = joinRows(begun, rowBytes);
      const tensor = { dtype, shape: [rows.rows, columns], buffer: rows.elements };
      const source = toRowSource(tensor, rows.carried);
      const small = size <= inlineTableBytes ? { tensor, bigEndian: false, carried: rows.carried } : undefined;
      return { input: { ...input, source, inMemory: true }, small, rows };
    }
    begun.push(next.value);
    size += next.value.elements.byteLength + bytesOf(next.value.carried);
  }
  if (isHeld) throw tooLarge(options.limit);
  async function* all(): AsyncGenerator<TablePiece, void> {
    yield* begun.splice(0);
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  }
  const source: Source = {
    dtype,
    shape: [table.rows ?? Infinity, columns],
    bigEndian: false,
    blocks: (blocks) => rechunkRows(all(), blocks, rowBytes, columns),
  };
  return { input: { ...input, source, inMemory: false }, small: undefined };
}

function formOf({ form }: TableSource): TensorInput['form'] {
  return form === 'file' ? 'binary' : form;
}

function answerOf({ schema, dialect, index, carriedType }: TableSource, { answer, carried }: ColumnPlan) {
  const fields = carried.map((at) => ({ name: schema[at].name, ...carriedType(at) }));
  return { columns: answer, carried: fields, dialect, index };
}

function bytesOf(carried: readonly CarriedColumn[]): number {
  return carried.reduce((sum, column) => sum + carriedBytes(column), 0);
}
