import { type Allowance, inflateBuffer } from './inflate.ts';
import { broken } from './decode-message.ts';
import type { RecordBatch } from './record-batch.ts';
import { quote } from '#errors.ts';

/** Takes the nodes and buffers of a record batch one after the other. */
export interface BatchReader {
  node(): { length: number; hasNulls: boolean };
  /** What the next call of `node` gives. */
  peekNode(): { length: number; hasNulls: boolean };
  buffer(): Uint8Array;
  variadicCount(): number;
  allowance: Allowance;
}

/**
 * @param body the bytes behind the metadata; columns may be views on it
 * @param allowance what all inflated buffers may take together
 */
export function readBatchBody(batch: RecordBatch, body: Uint8Array, allowance: Allowance): BatchReader {
  let [nodesTaken, buffersTaken, countsTaken] = [0, 0, 0];
  function nodeAt(at: number) {
    if (2 * at >= batch.nodes.length) throw notTheSchema();
    const [length, nulls] = batch.nodes.subarray(2 * at);
    if (!(length >= 0 && Number.isSafeInteger(length))) throw broken(`a column says to have ${length} values`);
    return { length, hasNulls: nulls !== 0 };
  }
  return {
    allowance,
    node: () => nodeAt(nodesTaken++),
    peekNode: () => nodeAt(nodesTaken),
    buffer() {
      if (2 * buffersTaken >= batch.buffers.length) throw notTheSchema();
      const [offset, length] = batch.buffers.subarray(2 * buffersTaken++);
      const bytes = body.subarray(offset, offset + length);
      return batch.codec ? inflateBuffer(bytes, batch.codec, allowance) : bytes;
    },
    variadicCount() {
      if (countsTaken >= batch.variadicCounts.length) throw notTheSchema();
      return batch.variadicCounts[countsTaken++];
    },
  };
}

function notTheSchema(): Error {
  return broken('a record batch does not have the columns of its schema');
}

/** The bits of what is not null; undefined where nothing is. */
export function readValidity(
  reader: BatchReader,
  length: number,
  hasNulls: boolean,
  name: string,
): Uint8Array | undefined {
  const bits = reader.buffer();
  if (!hasNulls || length === 0) return undefined;
  return exactly(bits, Math.ceil(length / 8), name);
}

/** @throws Problem broken_body where there are fewer bytes */
export function exactly(bytes: Uint8Array, length: number, name: string): Uint8Array {
  if (bytes.length >= length) return bytes.subarray(0, length);
  throw broken(`column ${quote(name)} has ${bytes.length} bytes where ${length} are needed`);
}
