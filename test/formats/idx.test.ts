import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Problem, type ProblemCode } from '#errors.ts';
import { readIdxHeader } from '#formats/idx.ts';

function fileOf(type: number, shape: readonly number[], data: readonly number[] = []): Buffer {
  const lengths = Buffer.alloc(4 * shape.length);
  shape.forEach((length, axis) => lengths.writeUInt32BE(length, 4 * axis));
  return Buffer.concat([Buffer.from([0, 0, type, shape.length]), lengths, Buffer.from(data)]);
}

function refuses(bytes: Uint8Array, code: ProblemCode, message: RegExp): void {
  assert.throws(
    () => readIdxHeader(bytes),
    (error) => error instanceof Problem && error.code === code && message.test(error.message),
  );
}

describe('readIdxHeader', () => {
  test('reads the header of train-images-idx3-ubyte', () => {
    const header = Buffer.from('00000803 0000ea60 0000001c 0000001c'.replaceAll(' ', ''), 'hex');
    const expected = { dtype: 'uint8', bigEndian: true, shape: [60000, 28, 28], dataOffset: 16 };
    assert.deepEqual(readIdxHeader(header), expected);
  });

  test('reads every type', () => {
    const types = { 8: 'uint8', 9: 'int8', 11: 'int16', 12: 'int32', 13: 'float32', 14: 'float64' };
    for (const [type, dtype] of Object.entries(types)) {
      assert.deepEqual(readIdxHeader(fileOf(Number(type), [2])), { dtype, bigEndian: true, shape: [2], dataOffset: 8 });
    }
  });

  test('reads the ranks 0 to 8 and empty axes', () => {
    for (let rank = 0; rank <= 8; rank++) {
      const shape = [2, 0, 3, 1, 5, 2, 7, 1].slice(0, rank);
      assert.deepEqual(readIdxHeader(fileOf(8, shape, [1, 2, 3]))?.shape, shape);
    }
  });

  test('waits for more at every byte of the header', () => {
    const bytes = fileOf(13, [1, 2, 3, 4, 5, 6, 7, 8]);
    for (let length = 0; length < bytes.length; length++) assert.equal(readIdxHeader(bytes.subarray(0, length)), null);
  });

  test('refuses what is no IDX file as early as that is known', () => {
    refuses(Buffer.from([1]), 'broken_body', /not zero/);
    refuses(Buffer.from([0, 1]), 'broken_body', /not zero/);
    refuses(Buffer.from([0, 0, 0x0a]), 'invalid_data', /0x0a is not supported; supported: 0x08 \(uint8\)/);
    refuses(Buffer.from([0, 0, 0]), 'invalid_data', /0x00/);
    refuses(Buffer.from([0, 0, 8, 9]), 'rank_too_high', /9 dimensions/);
    refuses(fileOf(8, [2 ** 32 - 1, 2 ** 32 - 1]), 'invalid_data', /too many elements/);
  });

  test('never throws anything but a Problem', () => {
    const bytes = fc.tuple(fc.constantFrom(0, 1), fc.nat(15), fc.nat(10), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(bytes, ([zero, type, rank, rest]) => {
        try {
          readIdxHeader(Uint8Array.of(zero, 0, type, rank, ...rest));
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
        }
      }),
    );
  });
});
