import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '#errors.ts';
import type { CarriedColumn, CarriedType } from '#tensor/carried.ts';
import { columnKind, tensorDtype, type TableField } from '#tables/field.ts';
import { fromRowMajor } from '#tables/from-row-major.ts';
import { toRowMajor } from '#tables/numbers.ts';
import type { ArrayDtype as Dtype } from '#tensor/dtype.ts';

const int64 = { kind: 'int', bits: 64, signed: true } as const;

function columnOf(type: CarriedType, values: ArrayBufferView, length: number, validity?: number[]): CarriedColumn {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return validity ? { type, length, data, validity: Uint8Array.from(validity) } : { type, length, data };
}

function rowsOf(columns: CarriedColumn[], dtype: Dtype, rows: number): ArrayBuffer {
  return toRowMajor(
    columns.map((column, at) => ({ name: `c${at}`, column })),
    dtype,
    rows,
  );
}

function field(type: CarriedType, isNullable = false, values?: CarriedType): TableField {
  return { name: 'x', type, values, isNullable, isIndex: false };
}

describe('columns as row-major numbers', () => {
  test('of several types stand row by row, and what is missing is NaN', () => {
    const a = columnOf({ kind: 'int', bits: 8, signed: true }, Int8Array.of(-1, 99, 3), 3, [0b101]);
    const b = columnOf({ kind: 'bool' }, Uint8Array.of(0b110), 3);
    const c = columnOf({ kind: 'float', bits: 32 }, Float32Array.of(0.5, -0, NaN), 3);
    const rows = new Float64Array(rowsOf([a, b, c], 'float64', 3));
    assert.deepEqual([...rows], [-1, 0, 0.5, NaN, 1, -0, 3, 1, NaN]);
  });

  test('keep an integer dtype, 64 bits included', () => {
    const wide = columnOf(int64, BigInt64Array.of(2n ** 62n, -1n), 2);
    const small = columnOf({ kind: 'int', bits: 8, signed: false }, Uint8Array.of(7, 255), 2);
    assert.deepEqual([...new BigInt64Array(rowsOf([wide, small], 'int64', 2))], [2n ** 62n, 7n, -1n, 255n]);
    assert.deepEqual([...new Int16Array(rowsOf([small], 'int16', 2))], [7, 255]);
  });

  test('refuse an integer that a double cannot hold, unless it is missing', () => {
    const values = BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n);
    assert.throws(() => rowsOf([columnOf(int64, values, 2)], 'float64', 2), {
      code: 'not_exact',
      message: 'Column "c0" holds the integer 9007199254740993, which a double cannot hold exactly.',
    });
    const rows = rowsOf([columnOf(int64, values, 2, [0b01])], 'float64', 2);
    assert.deepEqual([...new Float64Array(rows)], [2 ** 53, NaN]);
  });

  test('refuse what is missing in a column that says that nothing is', () => {
    assert.throws(() => rowsOf([columnOf(int64, new BigInt64Array(1), 1, [0])], 'int64', 1), { code: 'invalid_data' });
  });

  test('are the numbers that a dictionary holds', () => {
    const dictionary = columnOf(int64, BigInt64Array.of(10n, 20n, 0n), 3, [0b011]);
    const index = { kind: 'int', bits: 16, signed: false } as const;
    const type = { kind: 'dictionary', index, ordered: false } as const;
    const column = { ...columnOf(type, Uint16Array.of(1, 0, 999, 2), 4, [0b1011]), dictionary };
    assert.notEqual(columnKind({ type, values: int64 }), 'other');
    assert.deepEqual([...new Float64Array(rowsOf([column], 'float64', 4))], [20, 10, NaN, NaN]);
  });

  test('of unaligned memory are read as well', () => {
    const bytes = new Uint8Array(17);
    new DataView(bytes.buffer).setFloat64(1, 1.5, true);
    new DataView(bytes.buffer).setFloat64(9, -2.5, true);
    const column: CarriedColumn = { type: { kind: 'float', bits: 64 }, length: 2, data: bytes.subarray(1) };
    assert.deepEqual([...new Float64Array(rowsOf([column], 'float64', 2))], [1.5, -2.5]);
  });

  test('and back as columns are what they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }), (columns, rows) => {
        const elements = Float32Array.from({ length: columns * rows }, (_, at) => at / 3);
        const again = rowsOf(fromRowMajor(elements.slice().buffer, 'float32', columns), 'float32', rows);
        assert.deepEqual(new Float32Array(again), elements);
      }),
    );
  });
});

describe('decimals', () => {
  for (const bits of [32, 64, 128, 256] as const) {
    test(`of ${bits} bits are the doubles nearest to them`, () => {
      // Half of the width: whole numbers beyond 2^53 are refused, and scale 0 occurs.
      const unscaled = fc.bigInt({ min: -(2n ** BigInt(bits - 2)), max: 2n ** BigInt(bits - 2) });
      fc.assert(
        fc.property(unscaled, fc.integer({ min: 1, max: 40 }), (value, scale) => {
          const words = new BigUint64Array(4).map((_, at) => BigInt.asUintN(64, value >> (64n * BigInt(at))));
          const data = new Uint8Array(words.buffer, 0, bits / 8);
          const type = { kind: 'decimal', bits, precision: 76, scale } as const;
          const [found] = new Float64Array(rowsOf([{ type, length: 1, data }], 'float64', 1));
          // The text of the decimal, as any parser of correct rounding reads it.
          const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
          const text = `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
          assert.equal(found, value === 0n ? 0 : Number(text));
        }),
      );
    });
  }

  test('that are whole and beyond a double are refused', () => {
    const data = new Uint8Array(BigUint64Array.of(2n ** 53n + 1n, 0n).buffer);
    const type = { kind: 'decimal', bits: 128, precision: 38, scale: 0 } as const;
    assert.throws(
      () => rowsOf([{ type, length: 1, data }], 'float64', 1),
      (error) => error instanceof Problem && error.code === 'not_exact',
    );
  });
});

test('the tensor of a table has the result type, with NaN where something may be missing', () => {
  const int8 = { kind: 'int', bits: 8, signed: true } as const;
  const float32 = { kind: 'float', bits: 32 } as const;
  assert.equal(tensorDtype([field(int8), field({ kind: 'bool' })]), 'int8');
  assert.equal(tensorDtype([field(int8), field({ kind: 'bool' }, true)]), 'float64');
  assert.equal(tensorDtype([field(int8, true), field(float32)]), 'float32');
  assert.equal(tensorDtype([field({ kind: 'decimal', bits: 128, precision: 9, scale: 2 })]), 'float64');
});
