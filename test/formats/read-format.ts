import type { Body, FormatReader, ReadContext } from '../../src/formats/reader.ts';
import type { TableSource } from '#formats/table-source.ts';
import type { TableColumns } from '#formats/table-columns.ts';
import type { Dtype } from '#tensor/dtype.ts';
import { planBlocks } from '#tensor/blocks.ts';
import { type ArrayDtype, itemSize } from '#tensor/dtype.ts';
import { inlineRunner } from '#engine/run-inline.ts';
import type { Pool } from '#pool/pool.ts';
import { cutInto } from '../http/exchange.ts';
import { elementsOf } from './arrays.ts';

export interface ReadTable {
  dtype: Dtype;
  shape: number[];
  columns?: TableColumns;
  /** Row-major. */
  values: number[];
}

type Options = Partial<Omit<ReadContext, 'pool'>> & {
  /** Lengths of the chunks that the body comes in, again and again. */
  chunks?: number[];
};

/** Reads a body in one format, all of it in this thread. */
export async function readWith(
  read: FormatReader,
  bytes: Uint8Array,
  { chunks = [2 ** 16], ...given }: Options = {},
): Promise<ReadTable> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* cutInto(bytes, ...chunks);
  }
  const reading = {
    limit: 2 ** 28,
    declared: Number.NaN,
    contentType: '',
    options: {},
    atEnd: () => undefined,
    ...given,
  };
  return wholeOf(await read(body(), { ...reading, pool: { run: inlineRunner } as Pool }));
}

/** The columns of numbers of a table, as of an array. */
async function wholeOf({ input, table }: Body): Promise<ReadTable> {
  if (table) return rowsOf(table);
  if (!input) throw new Error('no data');
  const { source, columns } = input;
  const { dtype, shape } = source;
  const values: number[] = [];
  for await (const { buffer, count } of source.blocks(planBlocks(shape, false))) {
    const bytes = new Uint8Array(buffer, 0, count * itemSize(dtype));
    for (const value of elementsOf(dtype as ArrayDtype, bytes)) values.push(value);
  }
  const perRow = shape.slice(1).reduce((product, length) => product * length, 1);
  return { dtype, shape: [values.length / perRow, ...shape.slice(1)], columns, values };
}

async function rowsOf(table: TableSource): Promise<ReadTable> {
  const numbers = table.schema.flatMap(({ kind }, at) => (kind === 'other' ? [] : [at]));
  const carried = table.schema.flatMap(({ kind }, at) => (kind === 'other' ? [at] : []));
  const dtype = table.dtypeOf(numbers);
  const values: number[] = [];
  for await (const { elements } of table.read({ numbers, carried })) {
    for (const value of elementsOf(dtype, new Uint8Array(elements))) values.push(value);
  }
  const columns = { names: numbers.map((at) => table.schema[at].name), ofLists: false };
  return { dtype, shape: [values.length / numbers.length, numbers.length], columns, values };
}
