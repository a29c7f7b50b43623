import { Problem } from '#errors.ts';
import type { Dtype } from '#tensor/dtype.ts';
import { elementCount, maxRank } from '#tensor/shape.ts';

/** The header of an IDX file. */
export interface IdxHeader {
  dtype: Dtype;
  bigEndian: true;
  shape: number[];
  /** Bytes before the first element. */
  dataOffset: number;
}

const types = new Map<number, Dtype>([
  [0x08, 'uint8'],
  [0x09, 'int8'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
]);

/**
 * Reads the header of an IDX file, the format of MNIST: two zero bytes, the type, the rank, and as many big-endian
 * 32-bit lengths.
 *
 * Format: https://www.fon.hum.uva.nl/praat/manual/IDX_file_format.html
 * @param bytes the start of the file, as far as it has arrived
 * @returns null if the header is still incomplete
 * @throws Problem broken_body if this is not an IDX header; invalid_data for an unknown type or a shape with too many
 *   elements; rank_too_high
 */
export function readIdxHeader(bytes: Uint8Array): IdxHeader | null {
  const [first, second, type, rank] = bytes;
  if (first > 0 || second > 0) {
    throw new Problem('broken_body', 'This is not an IDX file: its first two bytes are not zero.');
  }
  if (type === undefined) return null;
  const dtype = types.get(type);
  if (dtype === undefined) {
    const served = [...types].map(([code, name]) => `${hex(code)} (${name})`).join(', ');
    throw new Problem('invalid_data', `The IDX type ${hex(type)} is not supported; supported: ${served}.`);
  }
  if (rank === undefined) return null;
  if (rank > maxRank) {
    throw new Problem('rank_too_high', `This IDX file has ${rank} dimensions; the maximum is ${maxRank}.`);
  }
  const dataOffset = 4 + 4 * rank;
  if (bytes.length < dataOffset) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  elementCount(shape);
  return { dtype, bigEndian: true, shape, dataOffset };
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
