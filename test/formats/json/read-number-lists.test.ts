/** Lists of numbers are read as JSON.parse reads them, bit for bit, or not at all. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readNumberLists } from '#formats/json/read-number-lists.ts';
import { decodeJsonTensor } from '#formats/json/parse-tensor.ts';
import { seeded } from '../../seeded.ts';

const utf8 = new TextEncoder();

const read = (text: string) => readNumberLists(utf8.encode(text), 0);

function assertAsParsed(text: string): void {
  const found = read(text);
  const { tensor } = decodeJsonTensor(JSON.parse(text), '/data');
  assert.ok(found, `${text.slice(0, 200)} is not read`);
  assert.equal(found.end, text.length);
  assert.deepEqual(found.tensor.shape, tensor.shape);
  const [bits, parsed] = [found.tensor, tensor].map(({ buffer }) => new BigUint64Array(buffer));
  const other = bits.findIndex((one, at) => one !== parsed[at]);
  assert.equal(other, -1, `number ${other} is ${new Float64Array(found.tensor.buffer)[other]}`);
  assert.equal(bits.length, parsed.length);
}

/** A whole number that is no double is read with an exponent only: then nobody means an identifier. */
function withExponent(text: string): string {
  return /^-?\d+$/.test(text) && BigInt(Number(text)) !== BigInt(text) ? `${text}e0` : text;
}

describe('numbers', () => {
  const anyDouble = fc
    .bigInt(0n, 2n ** 64n - 1n)
    .map((bits) => new Float64Array(BigUint64Array.of(bits).buffer)[0])
    .filter(Number.isFinite);
  const digits = fc.integer({ min: 0, max: 18 });

  const notations: [string, fc.Arbitrary<string>][] = [
    [
      'in the shortest digits that tell it',
      anyDouble.filter((x) => Math.abs(x) < 1e19 || Math.abs(x) >= 1e21).map((x) => withExponent(String(x))),
    ],
    ['in any number of digits', fc.tuple(anyDouble, digits).map(([value, most]) => value.toExponential(most))],
    [
      'of usual sizes',
      fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), digits).map(([x, n]) => x.toFixed(Math.min(n, 12))),
    ],
    [
      'with as many digits as fit, and any exponent',
      fc.tuple(fc.bigInt(0n, 10n ** 19n - 1n), fc.integer({ min: -400, max: 289 })).map(([all, e]) => `${all}e${e}`),
    ],
    [
      'halfway between two doubles, and next to it',
      fc
        .tuple(fc.bigInt(2n ** 53n, 2n ** 54n - 1n), fc.integer({ min: 1, max: 9 }), fc.constantFrom(-1n, 0n, 1n))
        .map(([odd, shift, off]) => String(((2n * odd + 1n) << BigInt(shift)) + off))
        .filter((text) => text.length <= 19)
        .map(withExponent),
    ],
  ];
  for (const [how, notation] of notations) {
    test(`a double ${how}`, () => {
      fc.assert(
        fc.property(fc.array(notation, { minLength: 1, maxLength: 200 }), (all) => assertAsParsed(`[${all.join()}]`)),
        { numRuns: 300 },
      );
    });
  }

  for (const text of [
    ...[
      '0',
      '-0',
      '0.0',
      '-0.0e5',
      '0e400',
      '0.000000000000000000000000000001',
      '1E5',
      '1e+5',
      '1e-5',
      '9007199254740993e0',
    ],
    // The largest, the least normal one and the greatest below it, the least, half of it and a bit more than that.
    ...['1.7976931348623157e308', '2.2250738585072014e-308', '2.2250738585072011e-308', '5e-324'],
    ...[
      '2.4703282292062327e-324',
      '2.4703282292062328e-324',
      '1e-400',
      '9999999999999999999e-400',
      '1e-99999999999999',
    ],
    // Where the first 128 bits of the power are only just enough.
    ...[
      '9214843084008499e0',
      '30078505129381147446200',
      '6631236846766476e-316',
      '1e23',
      '8.5e22',
      '7.2057594037927933e16',
    ],
  ].filter(
    (one) =>
      one
        .replace(/^-|e.*$/gi, '')
        .replace('.', '')
        .replace(/^0+/, '').length <= 19,
  )) {
    test(text, () => assertAsParsed(`[${text}]`));
  }
});

test('a whole number that no double holds is left to a reader that tells where it stands', () => {
  for (const text of ['9007199254740993', '-9007199254740993', '1152921504606846977'])
    assert.equal(read(`[1,${text},2]`), undefined, text);
  for (const text of ['9007199254740992', '9007199254740994', '-1152921504606846976', '9007199254740993.5'])
    assert.ok(read(`[1,${text},2]`), text);
});

test('a number whose digits and exponent are far from 1, and that is near it', () => {
  const zeros = '0'.repeat(150_000);
  assertAsParsed(`[0.${zeros}25e150001,-0.${zeros}25e149000,0.${zeros}25e-5,1e${zeros}3,25e-${zeros}150001]`);
});

describe('lists', () => {
  test('of any shape, with blanks anywhere', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
    const blank = fc.constantFrom('', '', '', ' ', '\n', '\t\r\n  ');
    fc.assert(
      fc.property(shape, blank, blank, (lengths, before, after) => {
        let next = 0;
        const listOf = (axis: number): string => {
          if (axis === lengths.length) return `${next++ % 7 === 6 ? 'null' : next / 4}${after}`;
          const inner = Array.from({ length: lengths[axis] }, () => `${before}${listOf(axis + 1)}`);
          return `[${inner.join(',')}${after}]`;
        };
        assertAsParsed(listOf(0));
      }),
      { numRuns: 200 },
    );
  });

  test('that come in many pieces, cut anywhere', () => {
    const random = seeded(5);
    for (let round = 0; round < 4; round++) {
      const numbers = Array.from({ length: 60_000 }, () => {
        const number = (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
        return random() < 0.01 ? 'null' : number.toPrecision(1 + Math.floor(random() * 17)) + ' '.repeat(random() * 3);
      });
      const rows = Array.from({ length: 6000 }, (_, row) => `[${numbers.slice(10 * row, 10 * row + 10).join()}]`);
      assertAsParsed(`[${rows.join(round % 2 ? ',' : '\n, ')}]`);
    }
  });

  test('whose blanks fill more than a piece', () => assertAsParsed(`[1,${' '.repeat(600_000)}2]`));

  test('end where they are closed', () => assert.equal(read('[[1, 2]], "more": 3}')?.end, 8));

  for (const text of [
    ...[
      '',
      ' ',
      '5',
      'null',
      '"[1]"',
      '{}',
      '{"a":[1]}',
      '[]',
      '[[]]',
      '[[1],[]]',
      '[',
      '[1',
      '[1,',
      '[1,2',
      '[[1]',
      '[1]]'.slice(1),
    ],
    ...[
      '[1,]',
      '[,1]',
      '[1 2]',
      '[1,,2]',
      '[1}',
      '[[1][2]]',
      '[1:2]',
      '[true]',
      '["NaN"]',
      '["1"]',
      '[{}]',
      '[NaN]',
      '[Infinity]',
    ],
    ...[
      '[01]',
      '[-]',
      '[+1]',
      '[.5]',
      '[1.]',
      '[1.e5]',
      '[1e]',
      '[1e+]',
      '[--1]',
      '[1-2]',
      '[0x10]',
      '[1_000]',
      '[- 1]',
      '[1. 5]',
    ],
    ...[
      '[nul]',
      '[nulL]',
      '[nullx]',
      '[null1]',
      '[-null]',
      '[1e400]',
      '[-1e400]',
      '[12345678901234567890]',
      '[0.12345678901234567891]',
    ],
    ...[
      '[[1],2]',
      '[1,[2]]',
      '[[1,2],[3]]',
      '[[1],[2,3]]',
      '[[[1]],[2]]',
      '[[[1]],[[2],[3]]]',
      '[[[[[[[[[1]]]]]]]]]',
      '[\u00a01]',
    ],
  ]) {
    test(`not ${JSON.stringify(text)}`, () => assert.equal(read(text), undefined));
  }
});
