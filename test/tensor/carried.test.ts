import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  buffersOfCarried,
  type CarriedColumn,
  carriedBytes,
  carriedFromTexts,
  countMissing,
  fixedWidth,
  isMissing,
  ownCarried,
  sliceCarried,
} from '#tensor/carried.ts';
import { concatCarried } from '#tables/concat-carried.ts';

function textsOf(column: CarriedColumn): (string | null)[] {
  const { offsets, data } = column;
  assert(offsets);
  assert.equal(offsets[0], 0);
  return Array.from({ length: column.length }, (_, row) =>
    isMissing(column, row) ? null : Buffer.from(data.subarray(offsets[row], offsets[row + 1])).toString('utf8'),
  );
}

function boolsOf(column: CarriedColumn): (boolean | null)[] {
  return Array.from({ length: column.length }, (_, row) =>
    isMissing(column, row) ? null : ((column.data[row >> 3] >> (row & 7)) & 1) === 1,
  );
}

function boolColumn(values: readonly (boolean | null)[]): CarriedColumn {
  const data = new Uint8Array(Math.ceil(values.length / 8));
  const validity = new Uint8Array(data.length);
  values.forEach((value, row) => {
    if (value) data[row >> 3] |= 1 << (row & 7);
    if (value !== null) validity[row >> 3] |= 1 << (row & 7);
  });
  return { type: { kind: 'bool' }, length: values.length, data, validity };
}

function dictionaryColumn(words: readonly string[], indexes: readonly number[]): CarriedColumn {
  const type = { kind: 'dictionary', index: { kind: 'int', bits: 8, signed: true }, ordered: false } as const;
  const data = Uint8Array.from(indexes);
  return { type, length: indexes.length, data, dictionary: carriedFromTexts(words) };
}

function wordsOf(column: CarriedColumn): string[] {
  const words = textsOf(column.dictionary ?? assert.fail());
  assert(column.type.kind === 'dictionary');
  const { bits } = column.type.index;
  const indexes = bits === 8 ? new Int8Array(column.data) : new Int32Array(column.data.slice().buffer);
  return Array.from({ length: column.length }, (_, row) => words[indexes[row]] ?? assert.fail());
}

const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 5 }));
const bool = fc.option(fc.boolean());

test('Texts and booleans cut at any rows and put together again are the same', () => {
  const values = fc.array(fc.tuple(text, bool), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(values, fc.array(fc.nat(40), { maxLength: 5 }), (rows, cuts) => {
      const texts = rows.map(([one]) => one);
      const bools = rows.map(([, one]) => one);
      const edges = [0, ...cuts.map((cut) => Math.min(cut, rows.length)), rows.length].toSorted((a, b) => a - b);
      const ranges = edges.slice(1).map((to, at) => [edges[at], to] as const);
      const cut = (column: CarriedColumn) => ranges.map(([from, to]) => sliceCarried(column, from, to));
      const [textPieces, boolPieces] = [cut(carriedFromTexts(texts)), cut(boolColumn(bools))];
      ranges.forEach(([from, to], at) => {
        assert.deepEqual(textsOf(textPieces[at]), texts.slice(from, to));
        assert.deepEqual(boolsOf(boolPieces[at]), bools.slice(from, to));
        assert.equal(countMissing(textPieces[at]), texts.slice(from, to).filter((one) => one === null).length);
      });
      assert.deepEqual(textsOf(concatCarried(textPieces)), texts);
      assert.deepEqual(boolsOf(concatCarried(boolPieces)), bools);
    }),
  );
});

test('Fixed-width values are cut without a copy', () => {
  const data = new Uint8Array(new Float64Array([1, 2, 3, 4]).buffer);
  const column: CarriedColumn = { type: { kind: 'float', bits: 64 }, length: 4, data };
  const slice = sliceCarried(column, 1, 3);
  assert.equal(slice.data.buffer, data.buffer);
  assert.deepEqual([fixedWidth(slice.type), carriedBytes(slice)], [8, 16]);
  assert.deepEqual([...new Float64Array(slice.data.slice().buffer)], [2, 3]);
});

test('Columns of one dictionary keep it, columns of two get one with both', () => {
  const same = concatCarried([dictionaryColumn(['a', 'b'], [0, 1]), dictionaryColumn(['a', 'b'], [1])]);
  assert.deepEqual([wordsOf(same), same.dictionary?.length], [['a', 'b', 'b'], 2]);
  const both = concatCarried([dictionaryColumn(['a', 'b'], [0, 1]), dictionaryColumn(['c'], [0, 0])]);
  assert.deepEqual(wordsOf(both), ['a', 'b', 'c', 'c']);
});

test('A dictionary with more values than its indexes count gets wider indexes', () => {
  const first = Array.from({ length: 100 }, (_, at) => `a${at}`);
  const second = Array.from({ length: 100 }, (_, at) => `b${at}`);
  const both = concatCarried([dictionaryColumn(first, [99, 0]), dictionaryColumn(second, [99, 1])]);
  assert.deepEqual(wordsOf(both), ['a99', 'a0', 'b99', 'b1']);
  assert.deepEqual(both.type, { kind: 'dictionary', index: { kind: 'int', bits: 32, signed: true }, ordered: false });
});

test('A view gets memory of its own, so that sending it does not take what is beside it', () => {
  const column = carriedFromTexts(['one', 'two', null, 'three']);
  const own = ownCarried(sliceCarried(column, 1, 4));
  const sent = structuredClone(own, { transfer: buffersOfCarried([own]) });
  assert.deepEqual(textsOf(sent), ['two', null, 'three']);
  assert.deepEqual(textsOf(column), ['one', 'two', null, 'three']);
});
