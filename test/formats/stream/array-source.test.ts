import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockTarget, planBlocks } from '#tensor/blocks.ts';
import { binarySource } from '../../../src/formats/stream/array-source.ts';
import { readBytes } from '../../../src/formats/stream/byte-reader.ts';

/** Three blocks of float64 and a rest, of which every value is its own index. */
const values = Float64Array.from({ length: 3 * blockTarget + 5 }, (_, at) => at);
const shape = [values.length];

async function* body() {
  for (let at = 0; at < values.byteLength; at += 70_001)
    yield new Uint8Array(values.buffer, at, Math.min(70_001, values.byteLength - at));
}

test('a block is read into a buffer that was given back, and into no buffer of another size', async () => {
  const source = binarySource(readBytes(body()), { dtype: 'float64', shape, bigEndian: false });
  const buffers: ArrayBufferLike[] = [];
  let given: ArrayBufferLike | undefined;
  let at = 0;
  for await (const { offset, count, buffer } of source.blocks(planBlocks(shape, false))) {
    assert.deepEqual([offset, buffer.byteLength], [at, count * 8]);
    assert.deepEqual(new Float64Array(buffer), values.subarray(at, at + count));
    if (given && count === blockTarget) assert.equal(buffer, given);
    buffers.push(buffer);
    source.releaseBuffer?.(new ArrayBuffer(8));
    source.releaseBuffer?.(buffer);
    given = buffer;
    at += count;
  }
  assert.equal(new Set(buffers).size, 2);
  assert.deepEqual(
    buffers.map(({ byteLength }) => byteLength),
    [0, 0, 0, 0],
    'memory is freed at the end',
  );
});
