/** Numbers are written as JavaScript writes them, in the fewest digits that are read back. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Floats } from '#formats/encode-block.ts';
import { writeNumberLists } from '#formats/json/write-number-lists.ts';
import { seeded } from '../../seeded.ts';
import { textOf } from './placed.ts';

const flat = { style: 'json', lengths: [Infinity], isBare: true } as const;

function writtenOf(values: Floats): string[] {
  return textOf(values, (numbers) => writeNumberLists(numbers, 0, flat)).split(',');
}

function assertAsJavaScript(doubles: Float64Array<ArrayBuffer>): void {
  const written = writtenOf(doubles);
  const other = doubles.findIndex((value, at) => written[at] !== String(value));
  assert.equal(other, -1, `${doubles[other]} is written ${written[other]}`);
  assert.equal(written.length, doubles.length);
}

/** The doubles next to some, and they themselves. */
function withNeighbours(values: readonly number[]): Float64Array<ArrayBuffer> {
  const bits = [...new BigUint64Array(Float64Array.from(values).buffer)];
  const all = new Float64Array(
    BigUint64Array.from([-2n, -1n, 0n, 1n, 2n].flatMap((off) => bits.map((x) => x + off))).buffer,
  );
  return all.filter((value) => Number.isFinite(value) && value !== 0);
}

describe('a double is written as JavaScript writes it', () => {
  test('whatever its bits are', () => {
    const finite = fc.bigInt(1n, 0x7fefffffffffffffn);
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 500 }), (bits) =>
        assertAsJavaScript(new Float64Array(BigUint64Array.from(bits).buffer)),
      ),
      { numRuns: 200 },
    );
  });

  test('where it is anywhere between 1e-330 and 1e309', () => {
    const random = seeded(1);
    const some = Array.from({ length: 200_000 }, () => (random() - 0.5) * 10 ** Math.floor(random() * 632 - 323));
    assertAsJavaScript(Float64Array.from(some).filter((x) => Number.isFinite(x) && x !== 0));
  });

  test('where it is a power of two, of ten, or next to one', () => {
    const twos = Array.from({ length: 2098 }, (_, at) => 2 ** (at - 1074));
    const tens = Array.from({ length: 632 }, (_, at) => Number(`1e${at - 323}`));
    assertAsJavaScript(withNeighbours([...twos, ...tens]));
  });

  test('where it has few digits', () => {
    const few = (digits: number) =>
      Array.from({ length: 632 }, (_, at) =>
        [1, 5, 7, 9].map((last) => Number(`${'123456789'.slice(0, digits)}${last}e${at - 323}`)),
      );
    assertAsJavaScript(
      Float64Array.from([0, 1, 2, 4, 8].flatMap((digits) => few(digits).flat())).filter((x) => x > 0 && x < Infinity),
    );
  });

  test('where it is an integer, or halves, quarters and thousandths of one', () => {
    const small = Array.from({ length: 20_000 }, (_, at) => [at + 1, (at + 1) / 2, (at + 1) / 4, (at + 1) / 1000]);
    const large = Array.from({ length: 2000 }, (_, at) => [
      2 ** 53 + at,
      2 ** 60 + at * 2 ** 10,
      1e21 - at * 2 ** 17,
      at * 1e17 + 1,
    ]);
    assertAsJavaScript(Float64Array.from([...small.flat(), ...large.flat()]));
  });

  test('where it is below the normal numbers', () => {
    assertAsJavaScript(Float64Array.from({ length: 20_000 }, (_, at) => (at + 1) * 5e-324));
    assertAsJavaScript(withNeighbours([2.2250738585072014e-308]));
  });

  test('where two decimals are as near, to the even one', () => {
    // 5e-324 times an odd number, and quarters of odd numbers above 2^52: their digits end in the middle.
    const middles = Array.from({ length: 5000 }, (_, at) => [
      2 ** -44 * (2 * at + 1),
      2 ** 50 + at + 0.25,
      2 ** 51 + at + 0.5,
    ]);
    assertAsJavaScript(Float64Array.from(middles.flat()));
  });
});

/** The fewest digits whose text reads back to the same float32. */
function fewestDigits(value: number): number {
  let digits = 1;
  while (Math.fround(Number(value.toPrecision(digits))) !== value) digits++;
  return digits;
}

function digitsOf(text: string): number {
  return text
    .replace(/^-|e.*/g, '')
    .replace('.', '')
    .replace(/^0+/, '')
    .replace(/0+$/, '').length;
}

function assertShortest(values: Float32Array<ArrayBuffer>): void {
  const finite = values.filter(Number.isFinite);
  const written = writtenOf(finite);
  for (const [at, value] of finite.entries()) {
    const text = written[at];
    assert.ok(Object.is(Math.fround(Number(text)), value), `${value} is written ${text}`);
    // As JavaScript writes the double that is read.
    assert.equal(text, Object.is(value, -0) ? '-0' : String(Number(text)));
    const whole = Math.abs(value) <= 2 ** 24 && Number.isInteger(value);
    assert.ok(whole || digitsOf(text) <= fewestDigits(value), `${value} is written ${text}`);
  }
}

describe('a float32 is written in the fewest digits that tell it', () => {
  test('as people write it', () => {
    const everyday = ['0.1', '0.2', '0.3', '-1.1', '3.14159', '1e-7', '100.5', '0.001', '1000000000000000'];
    const edges = ['3.4028235e+38', '1e-45', '1.1754944e-38', '16777216', '0', '-0', '-17', '0.5'];
    const values = Float32Array.from([...everyday, ...edges], Number);
    assert.deepEqual(writtenOf(values), [...everyday, ...edges]);
  });

  test('whatever its bits are', () => {
    const random = seeded(1);
    assertShortest(new Float32Array(Uint32Array.from({ length: 40_000 }, () => random() * 2 ** 32).buffer));
  });

  test('where it is a power of two or of ten, or next to one', () => {
    const twos = Array.from({ length: 277 }, (_, at) => 2 ** (at - 149));
    const tens = Array.from({ length: 84 }, (_, at) => 10 ** (at - 45));
    const middle = new Uint32Array(Float32Array.from([...twos, ...tens]).buffer);
    for (const step of [-1, 0, 1]) assertShortest(new Float32Array(middle.map((bits) => bits + step).buffer));
  });

  test('where it is of everyday size', () => {
    const values = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(values, (some) => assertShortest(Float32Array.from(some))),
      { numRuns: 100 },
    );
  });

  test('also where reading it as a double first rounds twice', () => {
    // Read as a float32 at once, 7.038531e-26 is this number; by way of a double it is the next one.
    const value = new Float32Array(Uint32Array.of(0x15ae43fd).buffer);
    assertShortest(value);
    assert.notEqual(Math.fround(7.038531e-26), value[0]);
  });

  test('where two are as near, the even one', () => {
    assert.deepEqual(writtenOf(Float32Array.of(233145.625, -233145.625, 233145.875)), [
      '233145.62',
      '-233145.62',
      '233145.88',
    ]);
  });

  test('and so is a float16', () => {
    assert.deepEqual(writtenOf(Float16Array.of(0.5, 1 / 3, 65504, -0, NaN)), [
      '0.5',
      '0.33325195',
      '65504',
      '-0',
      'null',
    ]);
  });

  test('the same below zero as above', () => {
    const random = seeded(2);
    const bits = Uint32Array.from({ length: 20_000 }, () => random() * 0x7f800000);
    const above = writtenOf(new Float32Array(bits.buffer));
    const below = writtenOf(new Float32Array(bits.map((x) => x | 0x80000000).buffer));
    assert.deepEqual(
      below,
      above.map((text) => `-${text}`),
    );
  });
});

describe('more numbers than the kernels get at once', () => {
  const lists = { style: 'json', lengths: [5, 4, 1000] } as const;
  const values = Float64Array.from({ length: 20_000 }, (_, at) => at / 7);

  test('are the lists that JSON.stringify writes', () => {
    const rows = Array.from({ length: 20 }, (_, row) => [...values.subarray(row * 1000, (row + 1) * 1000)]);
    const expected = Array.from({ length: 5 }, (_, at) => rows.slice(at * 4, at * 4 + 4));
    assert.equal(
      textOf(values, (numbers) => writeNumberLists(numbers, 0, lists)),
      JSON.stringify(expected),
    );
  });

  test('and go on where a range of any length has ended', () => {
    const whole = textOf(values, (numbers) => writeNumberLists(numbers, 0, lists));
    for (const end of [1, 999, 1000, 1001, 4000, 8192, 12_345, 19_999]) {
      const [first, rest] = [values.slice(0, end), values.slice(end)];
      const text = textOf(first, (numbers) => writeNumberLists(numbers, 0, lists));
      assert.equal(text + textOf(rest, (numbers) => writeNumberLists(numbers, end, lists)), whole);
    }
  });
});

test('texts of more than 8 MB are written, and short ones after them', () => {
  const long = Float64Array.from({ length: 600_000 }, (_, at) => (at + 1) / 7);
  assertAsJavaScript(long);
  assert.deepEqual(writtenOf(Float64Array.of(1, 2.5)), ['1', '2.5']);
});
