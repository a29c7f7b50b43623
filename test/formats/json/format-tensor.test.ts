import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '#errors.ts';
import { decodeJsonTensor } from '#formats/json/parse-tensor.ts';
import { base64Text, emptyListsText, flatText, nestedList, nestedText } from '#formats/json/format-tensor.ts';
import { textOf } from './placed.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 });
const doubles = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0), fc.integer());

/** A shape with its elements, and places at which to cut their range. */
const tensors = shapes.chain((shape) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return fc.record({
    shape: fc.constant(shape),
    values: fc.array(doubles, { minLength: size, maxLength: size }),
    cuts: fc.array(fc.nat(size), { maxLength: 5 }),
  });
});

/** Writes the ranges between the cuts one by one, each out of an array of its own. */
function written(values: readonly number[], cuts: readonly number[], write: Write): string {
  const ends = [...cuts, values.length].sort((a, b) => a - b);
  return ends
    .map((end, at) => write(Float64Array.from(values.slice(ends[at - 1] ?? 0, end)), ends[at - 1] ?? 0))
    .join('');
}

type Write = (block: Float64Array<ArrayBuffer>, offset: number) => string;

/** What the text of a tensor should be, cell by cell. */
function expectedText(values: readonly number[], shape: readonly number[]): string {
  if (shape.length === 0) {
    const [value] = values;
    if (Object.is(value, -0)) return '-0';
    return Math.abs(value) === Infinity ? `"${value}"` : JSON.stringify(value);
  }
  const stride = shape.slice(1).reduce((product, length) => product * length, 1);
  const inner = (at: number) => expectedText(values.slice(at * stride, (at + 1) * stride), shape.slice(1));
  return `[${Array.from({ length: shape[0] }, (_, at) => inner(at)).join(',')}]`;
}

function float64Text(values: readonly number[], shape: readonly number[], cuts: readonly number[] = []): string {
  return written(values, cuts, (block, offset) => textOf(block, (numbers) => nestedText(numbers, shape, offset)));
}

describe('nestedText', () => {
  test('writes a matrix, a vector, a number', () => {
    assert.equal(float64Text([3, 4, 6, 8.5], [2, 2]), '[[3,4],[6,8.5]]');
    assert.equal(float64Text([3, 4, 6], [3]), '[3,4,6]');
    assert.equal(float64Text([-7.25], []), '-7.25');
    assert.equal(float64Text([NaN], []), 'null');
    assert.equal(float64Text([-0], []), '-0');
    assert.equal(float64Text([Infinity], []), '"Infinity"');
  });

  test('writes what JSON has no numbers for, and the sign of -0', () => {
    const text = '[[null,"Infinity"],["-Infinity",-0],[0,1]]';
    assert.equal(float64Text([NaN, Infinity, -Infinity, -0, 0, 1], [3, 2]), text);
  });

  test('writes a matrix in pieces that begin and end anywhere', () => {
    const piece = (values: number[], offset: number) =>
      textOf(Float64Array.from(values), (numbers) => nestedText(numbers, [3, 3], offset));
    assert.equal(piece([0], 0), '[[0');
    assert.equal(piece([1, 2, 3, 4], 1), ',1,2],[3,4');
    assert.equal(piece([5, 6, 7], 5), ',5],[6,7');
    assert.equal(piece([8], 8), ',8]]');
  });

  test('writes any tensor, cut anywhere, as a whole', () => {
    fc.assert(
      fc.property(tensors, ({ shape, values, cuts }) => {
        assert.equal(float64Text(values, shape, shape.length === 0 ? [] : cuts), expectedText(values, shape));
      }),
      { numRuns: 500 },
    );
  });

  test('writes what is read back bit by bit', () => {
    fc.assert(
      fc.property(tensors, ({ shape, values }) => {
        const { tensor } = decodeJsonTensor(JSON.parse(float64Text(values, shape)), '');
        assert.deepEqual({ shape: tensor.shape, values: [...new Float64Array(tensor.buffer)] }, { shape, values });
      }),
    );
  });

  test('writes nothing for a range without elements', () => {
    assert.equal(
      textOf(new Float64Array(0), (numbers) => nestedText(numbers, [2, 2], 2)),
      '',
    );
  });

  test('writes empty lists', () => {
    assert.equal(emptyListsText([0]), '[]');
    assert.equal(emptyListsText([2, 0]), '[[],[]]');
    assert.equal(emptyListsText([0, 2 ** 50]), '[]');
    assert.equal(emptyListsText([1, 2, 0]), '[[[],[]]]');
    assert.equal(emptyListsText([2, 0, 3]), '[[],[]]');
  });

  test('does not write over a million empty lists', () => {
    assert.equal(emptyListsText([2 ** 20, 0]).length, 3 * 2 ** 20 + 1);
    const refused = (error: unknown) => error instanceof Problem && error.code === 'not_computable';
    assert.throws(() => emptyListsText([2 ** 40, 0]), refused);
    assert.throws(() => emptyListsText([2 ** 20, 2, 0]), refused);
  });
});

describe('flatText', () => {
  test('writes the cells in pieces', () => {
    fc.assert(
      fc.property(tensors, ({ values, cuts }) => {
        const text = written(values, cuts, (block, offset) => textOf(block, (numbers) => flatText(numbers, offset)));
        assert.equal(`[${text}]`, expectedText(values, [values.length]));
      }),
    );
    assert.equal(
      textOf(Float64Array.of(1, 2), (numbers) => flatText(numbers, 5)),
      ',1,2',
    );
    assert.equal(
      textOf(new Float64Array(0), (numbers) => flatText(numbers, 0)),
      '',
    );
  });
});

describe('base64Text', () => {
  test('writes bytes in pieces of any length', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 10 })), fc.uint8Array({ maxLength: 4 }), (pieces, final) => {
        const encode = base64Text();
        // The pieces come in one buffer that is written over, as a worker's may.
        const shared = new Uint8Array(10);
        const texts = pieces.map((piece) => {
          shared.set(piece);
          return encode(shared.subarray(0, piece.length), false);
        });
        const whole = texts.join('') + encode(final, true);
        assert.equal(whole, Buffer.concat([...pieces, final]).toString('base64'));
      }),
    );
  });
});

describe('nestedList', () => {
  test('gives lists for JSON.stringify', () => {
    const lists = nestedList([1, NaN, Infinity, -Infinity], [2, 2]);
    assert.equal(JSON.stringify(lists), '[[1,null],["Infinity","-Infinity"]]');
    assert.deepEqual(nestedList(Float64Array.of(1, 2, 3), [3]), [1, 2, 3]);
    assert.equal(nestedList([5], []), 5);
    assert.equal(nestedList([NaN], []), null);
    assert.deepEqual(nestedList([], [2, 0]), [[], []]);
    assert.throws(() => nestedList([], [2 ** 30, 0]), Problem);
  });
});
