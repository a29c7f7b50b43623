import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { CarriedColumn, CarriedType } from '#tensor/carried.ts';
import { carriedFromTexts } from '#tensor/carried.ts';
import { createTextReader } from '#tables/carried-text.ts';

interface Recorded {
  name: string;
  type: CarriedType;
  length: number;
  validity: string | null;
  data: string;
  texts: (string | null)[];
}

const recorded: Recorded[] = JSON.parse(readFileSync('test/fixtures/tables/carried_texts.json', 'utf8'));

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

describe('the text of a value is what Python says it is', () => {
  for (const { name, type, length, validity, data, texts } of recorded) {
    test(name, () => {
      const column: CarriedColumn = { type, length, data: bytesOf(data) };
      if (validity !== null) column.validity = bytesOf(validity);
      const read = createTextReader(column);
      const found = texts.map((_, row) => read(row));
      // NumPy writes large float32 without an exponent.
      const numbers = (values: (string | null)[]) => values.map((value) => value && Math.fround(Number(value)));
      if (name === 'float32') assert.deepEqual(numbers(found), numbers(texts));
      else assert.deepEqual(found, texts);
    });
  }
});

test('A dictionary gives the words of its indexes, a duration seconds, an instant with a zone its Z', () => {
  const index = { kind: 'int', bits: 8, signed: true } as const;
  const words: CarriedColumn = {
    type: { kind: 'dictionary', index, ordered: false },
    length: 3,
    data: Uint8Array.of(1, 0, 1),
    dictionary: carriedFromTexts(['a', 'b']),
  };
  const read = createTextReader(words);
  assert.deepEqual([0, 1, 2].map(read), ['b', 'a', 'b']);
  const data = new Uint8Array(BigInt64Array.of(-1500n).buffer);
  const textOf = (type: CarriedType) => createTextReader({ type, length: 1, data })(0);
  assert.equal(textOf({ kind: 'duration', unit: 'millisecond' }), '-PT1.500S');
  assert.equal(textOf({ kind: 'timestamp', unit: 'millisecond', timezone: 'Europe/Oslo' }), '1969-12-31T23:59:58.500Z');
});
