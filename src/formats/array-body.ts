import { transposeTask } from './transpose.task.ts';
import { Problem } from '#errors.ts';
import { toSource } from '#tensor/source.ts';
import type { Tensor, TensorHeader } from '#tensor/tensor.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import { binarySource, readElements, sizeOf } from './stream/array-source.ts';
import { type ByteReader, tooLarge } from './stream/byte-reader.ts';
import type { Body, ReadContext } from './reader.ts';

/** Arrays up to this many bytes are read whole and processed in one thread. */
export const inlineArrayBytes = 2 ** 18;

/** The header of an array file. */
export interface ArrayHeader extends TensorHeader {
  bigEndian: boolean;
  fortran?: boolean;
}

/** A request body with an array. */
interface ArrayBody extends Body {
  input: TensorInput;
}

/** What reading an array into memory needs. */
type Holding = Pick<ReadContext, 'limit' | 'pool'>;

/** Reads the header of an array file. */
export async function readArrayHeader<Header extends ArrayHeader & { dataOffset: number }>(
  reader: ByteReader,
  parse: (bytes: Uint8Array) => Header | null,
): Promise<Header> {
  const header = await reader.header(parse, ({ dataOffset }) => dataOffset);
  if (header) return header;
  throw new Problem('broken_body', 'The body ends in the middle of its header.');
}

/** Reads the array in the rest of a body: large arrays in C order stream, all others are read into memory. */
export async function readArray(reader: ByteReader, header: ArrayHeader, holding: Holding): Promise<ArrayBody> {
  if (!isFortran(header) && sizeOf(header) > inlineArrayBytes) {
    return { envelope: {}, input: { source: binarySource(reader, header), form: 'binary', inMemory: false } };
  }
  return bodyInMemory(await readArrayIntoMemory(reader, header, holding), header);
}

/**
 * Reads the array in the rest of a body into memory, row-major.
 * @throws Problem body_too_large before anything is read
 */
export async function readArrayIntoMemory(
  reader: ByteReader,
  header: ArrayHeader,
  { limit, pool }: Holding,
): Promise<Tensor> {
  const { dtype, shape } = header;
  if (sizeOf(header) > limit) throw tooLarge(limit);
  const read = await readElements(reader, header);
  const buffer = isFortran(header) ? await pool.run(transposeTask, { header, buffer: read }) : read;
  return { dtype, shape, buffer };
}

/** A request body with an array in memory. */
export function bodyInMemory(tensor: Tensor, { bigEndian }: ArrayHeader): ArrayBody {
  const small = sizeOf(tensor) <= inlineArrayBytes ? { tensor, bigEndian } : undefined;
  return { envelope: {}, input: { source: toSource(tensor, bigEndian), form: 'binary', inMemory: true }, small };
}

function isFortran({ fortran, shape }: ArrayHeader): boolean {
  return fortran === true && shape.length > 1;
}
