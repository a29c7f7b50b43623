import type { BatchReader } from './batch-body.ts';
import { broken } from './decode-message.ts';
import { tooMuchText } from './offsets.ts';
import { quote } from '#errors.ts';

/** Bytes of a view: a length, then the value itself, or its first four bytes, its buffer, and where it is in there. */
const viewBytes = 16;

const maxInlineBytes = 12;

/**
 * Values that are stored as views, as offsets and one buffer.
 *
 * Format: https://arrow.apache.org/docs/format/Columnar.html#variable-size-binary-view-layout
 * @throws Problem broken_body; body_too_large, since many views may be of the same bytes
 */
export function readViews(
  reader: BatchReader,
  length: number,
  name: string,
  validity?: Uint8Array,
): { offsets: Int32Array; data: Uint8Array } {
  const bytes = reader.buffer();
  const count = reader.variadicCount();
  const buffers: Uint8Array[] = [];
  for (let at = 0; at < count; at++) buffers.push(reader.buffer());
  if (bytes.length < length * viewBytes) {
    throw broken(`column ${quote(name)} has ${bytes.length} bytes of views for ${length} values`);
  }
  const views = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offsets = new Int32Array(length + 1);
  let total = 0;
  for (let row = 0; row < length; row++) {
    const isNull = validity && ((validity[row >> 3] >> (row & 7)) & 1) === 0;
    total += isNull ? 0 : Math.max(views.getInt32(row * viewBytes, true), 0);
    if (total > 2 ** 31 - 1 || total > reader.allowance.bytes) throw tooMuchText(name);
    offsets[row + 1] = total;
  }
  reader.allowance.bytes -= total;
  const data = new Uint8Array(total);
  for (let row = 0; row < length; row++) {
    const at = row * viewBytes;
    const size = offsets[row + 1] - offsets[row];
    if (size <= maxInlineBytes) {
      data.set(bytes.subarray(at + 4, at + 4 + size), offsets[row]);
      continue;
    }
    const [buffer, start] = [views.getInt32(at + 8, true), views.getInt32(at + 12, true)];
    if (!(buffer in buffers && start >= 0 && start + size <= buffers[buffer].length)) {
      throw broken(`a view of column ${quote(name)} is not inside its buffers`);
    }
    data.set(buffers[buffer].subarray(start, start + size), offsets[row]);
  }
  return { offsets, data };
}
