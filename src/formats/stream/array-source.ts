import { Problem } from '#errors.ts';
import { reservationNow } from '#memory/reservation.ts';
import { blockLength } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elementCount, formatShape } from '#tensor/shape.ts';
import type { Source } from '#tensor/source.ts';
import { createBufferPool } from '#memory/buffer-pool.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { ByteReader } from './byte-reader.ts';

/** A source that reads row-major elements from the rest of a body on demand. */
export function binarySource(reader: ByteReader, header: TensorHeader & { bigEndian: boolean }): Source {
  const { dtype, shape, bigEndian } = header;
  const total = elementCount(shape);
  const width = itemSize(dtype);
  const spares = createBufferPool();
  return {
    dtype,
    shape,
    bigEndian,
    async *blocks(plan) {
      for (let offset = 0; offset < total; ) {
        const count = blockLength(plan, offset, total);
        const reused = count === plan.length ? spares.acquire(count * width) : undefined;
        const buffer = reused ?? new ArrayBuffer(count * width);
        const filled = await reader.read(new Uint8Array(buffer));
        if (filled < buffer.byteLength) throw truncated(header, offset * width + filled, total * width);
        yield { offset, count, buffer };
        offset += count;
      }
      spares.clear();
      await expectEnd(reader, header);
    },
    releaseBuffer: spares.release,
  };
}

/** Reads all elements from the rest of a body. */
export async function readElements(reader: ByteReader, header: TensorHeader): Promise<ArrayBuffer> {
  const size = sizeOf(header);
  reservationNow()?.takeBody(size);
  const whole = new Uint8Array(size);
  const filled = await reader.read(whole);
  if (filled < whole.length) throw truncated(header, filled, whole.length);
  await expectEnd(reader, header);
  return whole.buffer;
}

/** Size of the elements in bytes. */
export function sizeOf({ dtype, shape }: TensorHeader): number {
  return elementCount(shape) * itemSize(dtype);
}

async function expectEnd(reader: ByteReader, header: TensorHeader): Promise<void> {
  if (await reader.ended()) return;
  const detail = `The body has extra bytes after the ${sizeOf(header)} bytes of an array of shape ${formatShape(header.shape)}.`;
  throw new Problem('broken_body', detail);
}

function truncated({ dtype, shape }: TensorHeader, got: number, wanted: number): Problem {
  return new Problem(
    'broken_body',
    `The body ends after ${got} of ${wanted} bytes of a ${dtype} array of shape ${formatShape(shape)}.`,
  );
}
