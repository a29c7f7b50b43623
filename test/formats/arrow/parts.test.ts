import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { Problem, type ProblemCode } from '#errors.ts';
import type { CarriedType } from '#tensor/carried.ts';
import type { Part } from '#formats/arrow/flatbuffer-writer.ts';
import { inflateBuffer } from '#formats/arrow/inflate.ts';
import { inflateLz4Frame } from '#formats/arrow/lz4-frame.ts';
import { openArrowStream } from '#formats/arrow/stream-reader.ts';
import { readRows } from './read-rows.ts';
import { createArrowWriter } from '#formats/arrow/table-writer.ts';
import { endOfStream, messageBytes } from '#formats/arrow/encode-messages.ts';
import { sourceOfBytes } from '../byte-source.ts';

const limit = 2 ** 20;

function isProblem(code: ProblemCode, message: RegExp) {
  return (error: unknown) => error instanceof Problem && error.code === code && message.test(error.message);
}

/** One column of a type, and one record batch that says what it likes. */
function streamOf(
  type: CarriedType,
  rows: number,
  nodes: number[],
  buffers: number[],
  body: Uint8Array,
  more: Part[] = [],
) {
  const writer = createArrowWriter([{ name: 'x', type, isNullable: true }]);
  const fields = [{ int64: rows }, { structs: nodes, words: 2 }, { structs: buffers, words: 2 }, undefined, ...more];
  return Buffer.concat([writer.begin(), messageBytes(3, { fields }, body.length), body, endOfStream]);
}

async function readFirst(bytes: Uint8Array) {
  return readRows(await openArrowStream(sourceOfBytes(bytes), limit), limit).next();
}

describe('a record batch that lies is refused', () => {
  const int32 = { kind: 'int', bits: 32, signed: true } as const;
  const utf8 = { kind: 'utf8' } as const;

  test('where a buffer is outside, too short, or the same as another one', async () => {
    const outside = streamOf(int32, 2, [2, 0], [0, 0, 8, 8], new Uint8Array(8));
    await assert.rejects(readFirst(outside), isProblem('broken_body', /not inside/));
    const short = streamOf(int32, 3, [3, 0], [0, 0, 0, 8], new Uint8Array(8));
    await assert.rejects(readFirst(short), isProblem('broken_body', /"x" has 8 bytes where 12/));
    const twice = streamOf(utf8, 1, [1, 0], [0, 0, 0, 8, 0, 8], new Uint8Array(8));
    await assert.rejects(readFirst(twice), isProblem('broken_body', /overlap/));
  });

  test('where offsets decrease, or end behind the text, or the text is not UTF-8', async () => {
    const body = (offsets: number[], text: number[]) => {
      const bytes = new Uint8Array(24);
      bytes.set(new Uint8Array(Int32Array.from(offsets).buffer));
      bytes.set(text, 16);
      return streamOf(utf8, 2, [2, 0], [0, 0, 0, 12, 16, 4], bytes);
    };
    await assert.rejects(readFirst(body([0, 3, 1], [])), isProblem('broken_body', /decrease/));
    await assert.rejects(readFirst(body([-1, 0, 1], [])), isProblem('broken_body', /decrease/));
    await assert.rejects(readFirst(body([0, 1, 5], [])), isProblem('broken_body', /end behind/));
    await assert.rejects(readFirst(body([0, 1, 2], [65, 0xff])), isProblem('broken_body', /UTF-8/));
    const { value } = await readFirst(body([1, 1, 3], [65, 66, 67]));
    assert.deepEqual(
      [value?.columns[0].offsets, value?.columns[0].data],
      [Int32Array.of(0, 0, 2), Uint8Array.of(66, 67)],
    );
  });

  test('where a thousand views are of one text', async () => {
    const [rows, length] = [1000, 2 ** 14];
    const body = new Uint8Array(rows * 16 + length);
    const views = new Int32Array(body.buffer);
    for (let row = 0; row < rows; row++) views[4 * row] = length;
    const counts: Part = { structs: [1], words: 1 };
    const stream = streamOf(
      { kind: 'utf8', wire: 'view' },
      rows,
      [rows, 0],
      [0, 0, 0, rows * 16, rows * 16, length],
      body,
      [counts],
    );
    await assert.rejects(readFirst(stream), isProblem('body_too_large', /"x" has more/));
  });

  test('where an index is beyond its dictionary, but not where it is missing', async () => {
    const index = { kind: 'int', bits: 8, signed: true } as const;
    const type = { kind: 'dictionary', index, ordered: false } as const;
    const stream = (nulls: number, bits: number) =>
      streamOf(type, 2, [2, nulls], [0, 1, 8, 2], Uint8Array.of(bits, 0, 0, 0, 0, 0, 0, 0, 5, 7, 0, 0, 0, 0, 0, 0));
    await assert.rejects(readFirst(stream(0, 0)), isProblem('broken_body', /index 5 into a dictionary of 0/));
    assert.equal((await readFirst(stream(2, 0))).value?.rows, 2);
  });
});

describe('compressed buffers', () => {
  function prefixed(length: number, bytes: Uint8Array): Uint8Array {
    return Buffer.concat([new Uint8Array(BigInt64Array.of(BigInt(length)).buffer), bytes]);
  }
  const zeros = zstdCompressSync(new Uint8Array(2 ** 22));

  test('do not inflate beyond what they say, nor beyond what is allowed', () => {
    assert.throws(() => inflateBuffer(prefixed(10, zeros), 'zstd', { bytes: limit }), isProblem('broken_body', /zstd/));
    assert.throws(
      () => inflateBuffer(prefixed(2 ** 23, zeros), 'zstd', { bytes: 2 ** 24 }),
      isProblem('broken_body', /zstd/),
    );
    const allowance = { bytes: 2 ** 22 };
    assert.equal(inflateBuffer(prefixed(2 ** 22, zeros), 'zstd', allowance).length, 2 ** 22);
    assert.throws(
      () => inflateBuffer(prefixed(2 ** 22, zeros), 'zstd', allowance),
      isProblem('body_too_large', /inflates/),
    );
    assert.throws(() => inflateBuffer(prefixed(-2, zeros), 'zstd', allowance), isProblem('broken_body', /-2 bytes/));
    assert.throws(() => inflateBuffer(new Uint8Array(7), 'lz4', allowance), isProblem('broken_body', /too short/));
  });

  test('may stand as they are, or be empty', () => {
    assert.deepEqual([...inflateBuffer(prefixed(-1, Uint8Array.of(1, 2)), 'lz4', { bytes: 0 })], [1, 2]);
    assert.equal(inflateBuffer(new Uint8Array(0), 'lz4', { bytes: 0 }).length, 0);
  });

  test('in LZ4 hold blocks that are compressed or not', () => {
    const head = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
    const plain = [3, 0, 0, 0x80, 1, 2, 3];
    // Two literals, and eight bytes from two before: 7, 8, 7, 8, …; then a last literal.
    const packed = [7, 0, 0, 0, 0x24, 7, 8, 2, 0, 0x10, 9];
    const end = [0, 0, 0, 0];
    const frame = Uint8Array.of(...head, ...plain, ...packed, ...end);
    assert.deepEqual([...inflateLz4Frame(frame, 14)], [1, 2, 3, 7, 8, 7, 8, 7, 8, 7, 8, 7, 8, 9]);
    for (const length of [0, 13, 15]) assert.throws(() => inflateLz4Frame(frame, length), RangeError);
    for (let cut = 0; cut < frame.length; cut++) {
      assert.throws(() => inflateLz4Frame(frame.subarray(0, cut), 14), RangeError);
    }
    const long = Uint8Array.of(...head, 255, 255, 255, 0x7f, 1);
    assert.throws(() => inflateLz4Frame(long, 14), /longer than its frame/);
  });
});
