import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from 'hyparquet-writer';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { Problem } from '#errors.ts';
import { carriedFromTexts } from '#tensor/carried.ts';
import { endOfThrift } from '#formats/parquet/check-thrift.ts';
import { decodeHybrid } from '#formats/parquet/hybrid.ts';
import { inflatePage } from '#formats/parquet/inflate-page.ts';
import { openParquet } from '#formats/parquet/table-reader.ts';
import { createParquetWriter } from '#formats/parquet/table-writer.ts';
import { randomBytes } from '../byte-source.ts';

describe('runs and bit-packed groups', () => {
  test('are decoded as another implementation encodes them', () => {
    const value = fc.integer({ min: 0, max: 2 ** 20 });
    const stretch = fc.array(fc.tuple(value, fc.integer({ min: 1, max: 40 })), { maxLength: 20 });
    fc.assert(
      fc.property(stretch, fc.integer({ min: 1, max: 20 }), (stretches, width) => {
        const values = stretches.flatMap(([one, times]) => Array.from({ length: times }, () => one % 2 ** width));
        const writer = new ByteWriter();
        writeRleBitPackedHybrid(writer, values, width);
        const found = new Int32Array(values.length);
        decodeHybrid(new Uint8Array(writer.getBytes()), width, found);
        assert.deepEqual([...found], values);
      }),
    );
  });

  test('of 24 bits, which is the widest, keep them all', () => {
    const found = new Int32Array(3);
    decodeHybrid(Uint8Array.of(3, 255, 255, 255, 1, 0, 128, 86, 52, 18), 24, found);
    assert.deepEqual([...found], [0xffffff, 0x800001, 0x123456]);
    assert.throws(() => decodeHybrid(new Uint8Array(9), 25, found), RangeError);
  });

  test('that end early, or say to go on for ever, end at once', () => {
    assert.throws(() => decodeHybrid(Uint8Array.of(3, 1), 8, new Int32Array(8)), RangeError);
    assert.throws(() => decodeHybrid(new Uint8Array(100).fill(0x80), 8, new Int32Array(8)), RangeError);
    assert.throws(() => decodeHybrid(new Uint8Array(100), 0, new Int32Array(8)), RangeError);
    const found = new Uint8Array(3);
    decodeHybrid(Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x0f, 5), 8, found);
    assert.deepEqual([...found], [5, 5, 5]);
  });
});

describe('a Thrift struct', () => {
  test('ends where it says', () => {
    assert.equal(endOfThrift(Uint8Array.of(0x15, 2, 0x18, 2, 65, 66, 0, 9)), 7);
    assert.equal(endOfThrift(Uint8Array.of(0)), 1);
  });

  test('that is cut off is told from one that is wrong', () => {
    assert.equal(endOfThrift(Uint8Array.of(0x15)), undefined);
    assert.equal(endOfThrift(Uint8Array.of(0x18, 9, 65)), undefined);
    assert.throws(() => endOfThrift(Uint8Array.of(0x1f, 0)), RangeError);
  });

  test('with a list longer than itself, endless numbers, or too deep a nest is none', () => {
    assert.equal(endOfThrift(Uint8Array.of(0x19, 0xfc, 255, 255, 255, 255, 7, 0, 0)), undefined);
    assert.throws(() => endOfThrift(Uint8Array.of(0x16, ...Array.from({ length: 20 }, () => 0x80), 0, 0)), RangeError);
    assert.throws(() => endOfThrift(new Uint8Array(100).fill(0x1c)), RangeError);
    assert.throws(() => endOfThrift(Uint8Array.of(0x18, 255, 255, 255, 255, 255, 255, 255, 1)), RangeError);
  });
});

test('a page is not inflated beyond what it says to be', () => {
  const zeros = new Uint8Array(100);
  assert.throws(() => inflatePage(Uint8Array.of(0x80, 0x80, 0x40, 0), 'SNAPPY', 8));
  assert.throws(() => inflatePage(zeros, 'UNCOMPRESSED', 99), RangeError);
  for (const codec of ['GZIP', 'ZSTD', 'BROTLI', 'SNAPPY', 'LZ4']) assert.throws(() => inflatePage(zeros, codec, 50));
  assert.throws(() => inflatePage(zeros, 'LZO', 50), { code: 'invalid_data' });
});

test('a long text that a page repeats by its dictionary is not written out without a limit', async () => {
  const dictionary = carriedFromTexts(['x'.repeat(2 ** 14)]);
  const type = { kind: 'dictionary', index: { kind: 'int', bits: 8, signed: true }, ordered: false } as const;
  const column = { type, length: 5000, data: new Uint8Array(5000), dictionary };
  const writer = createParquetWriter([{ name: 'text', type, values: dictionary.type, isNullable: false }]);
  const file = Buffer.concat([writer.write([column]), writer.end()]);
  assert.ok(file.length < 2 ** 16, 'it is stored once');
  const { batches } = await openParquet(randomBytes(file), 2 ** 24);
  await assert.rejects(batches([0]).next(), (error) => error instanceof Problem && error.code === 'body_too_large');
});
