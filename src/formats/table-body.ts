import { reservationNow } from '#memory/reservation.ts';
import { type Dtype, itemSize } from '#tensor/dtype.ts';
import { rechunk } from '#tensor/rechunk.ts';
import { elementCount } from '#tensor/shape.ts';
import { toSource } from '#tensor/source.ts';
import type { TableColumns } from './table-columns.ts';
import { concatBytes } from '#memory/concat.ts';
import { inlineArrayBytes } from './array-body.ts';
import type { Body } from './reader.ts';

/** A table whose rows arrive one by one; their number is known only at the end. */
export interface TableRows {
  dtype: Dtype;
  /** The shape of one row's elements. */
  sample: number[];
  columns?: TableColumns;
  /** Row-major elements, whole rows. */
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
}

/** Reads a table: a small one into memory, any other as a source of unknown length (see tensor/shape.ts). */
export async function readTable({ dtype, sample, columns, pieces }: TableRows): Promise<Body> {
  const width = itemSize(dtype);
  const begun: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  while (size <= inlineArrayBytes) {
    const next = await pieces.next();
    if (next.done) {
      const shape = [size / width / elementCount(sample), ...sample];
      reservationNow()?.takeBody(size);
      const tensor = { dtype, shape, buffer: concatBytes(begun).buffer };
      const input = { source: toSource(tensor), form: 'binary', columns, inMemory: true } as const;
      return { envelope: {}, input, small: { tensor, bigEndian: false } };
    }
    begun.push(next.value);
    size += next.value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    yield* begun.splice(0);
    yield* pieces;
  }
  const source = {
    dtype,
    shape: [Infinity, ...sample],
    bigEndian: false,
    blocks: (plan: Parameters<typeof rechunk>[1]) => rechunk(all(), plan, width),
  };
  return { envelope: {}, input: { source, form: 'binary', columns, inMemory: false } };
}
