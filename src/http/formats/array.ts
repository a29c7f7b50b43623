import { Problem } from '#errors.ts';
import { planBlocks } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elements } from '#tensor/shape.ts';
import { type Source, sourceOf } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { binarySource } from '../binary-source.ts';
import { type ByteReader, tooLarge } from '../byte-reader.ts';
import type { Body, Reading } from './reader.ts';

/** Arrays up to this many bytes are read whole and worked on in one thread. */
const smallArray = 2 ** 18;

/** What the header of an array file tells of the elements after it. */
interface ArrayHeader extends TensorHeader {
  bigEndian: boolean;
  fortran?: boolean;
}

/**
 * The array whose elements are the rest of a body: a large one in C order streams, any other is held.
 * @param header null when the body ended within it
 */
export async function readArray(
  reader: ByteReader,
  header: ArrayHeader | null,
  { limit, pool }: Reading,
): Promise<Body> {
  if (!header) throw new Problem('broken_body', 'The body ends within its header.');
  const { dtype, shape, bigEndian } = header;
  const size = elements(shape) * itemSize(dtype);
  const fortran = header.fortran === true && shape.length > 1;
  if (!fortran && size > smallArray) {
    return { envelope: {}, input: { source: binarySource(reader, header), form: 'binary', inMemory: false } };
  }
  if (size > limit) throw tooLarge(limit);
  const read = await readWhole(binarySource(reader, header), size);
  const buffer = fortran ? await pool.run({ kind: 'transpose', header, buffer: read }) : read;
  const tensor = { dtype, shape, buffer };
  const small = size <= smallArray ? { tensor, bigEndian } : undefined;
  return { envelope: {}, input: { source: sourceOf(tensor, bigEndian), form: 'binary', inMemory: true }, small };
}

async function readWhole(source: Source, size: number): Promise<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for await (const { buffer } of source.blocks(planBlocks(source.shape, false))) {
    whole.set(new Uint8Array(buffer), at);
    at += buffer.byteLength;
  }
  return whole.buffer;
}
