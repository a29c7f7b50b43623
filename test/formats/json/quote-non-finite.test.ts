import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteNonFinite } from '#formats/json/quote-non-finite.ts';

test('bare NaN and infinities get quotes', () => {
  assert.equal(quoteNonFinite('[NaN,Infinity, -Infinity ,1]'), '["NaN","Infinity", "-Infinity" ,1]');
  assert.equal(quoteNonFinite('NaN'), '"NaN"');
});

test('what strings hold is left alone', () => {
  for (const text of [
    '{"id":"NaN"}',
    String.raw`["\"NaN\" \\",1]`,
    String.raw`{"NaN":"Infinity\\\"NaN","-Infinity":[]}`,
  ]) {
    assert.equal(quoteNonFinite(text), text);
    assert.equal(quoteNonFinite(`[${text},NaN]`), `[${text},"NaN"]`);
  }
});

test('any JSON with such strings and keys, and such tokens among its numbers, is read as it was meant', () => {
  const word = fc.constantFrom('NaN', 'Infinity', '-Infinity', '"', '\\', 'x', ' ');
  const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
  const cell = fc.oneof(fc.constantFrom(NaN, Infinity, -Infinity), fc.integer());
  fc.assert(
    fc.property(fc.dictionary(text, text), fc.array(cell), (strings, cells) => {
      const written = `{"strings":${JSON.stringify(strings)},"cells":[${cells.join(',')}]}`;
      const read = JSON.parse(quoteNonFinite(written));
      assert.deepEqual(read.strings, JSON.parse(JSON.stringify(strings)));
      assert.deepEqual(read.cells.map(Number), cells);
    }),
  );
});

test('a string that never ends, and one of millions of characters, are no trouble', () => {
  assert.equal(quoteNonFinite('["NaN'), '["NaN');
  const long = `["${'NaN'.repeat(5e6)}",NaN]`;
  assert.equal(quoteNonFinite(long).length, long.length + 2);
});
