import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ArrayDtype as Dtype } from '#tensor/dtype.ts';
import { resultType } from '#tensor/result-type.ts';

const recorded = new URL('../fixtures/result_types.json', import.meta.url);
const { dtypes, answers } = JSON.parse(readFileSync(recorded, 'utf8')) as { dtypes: Dtype[]; answers: string };

test('dtypes have the result type that NumPy says, in any order', () => {
  const found = dtypes.flatMap((a) => dtypes.flatMap((b) => dtypes.map((c) => resultType([a, b, c]))));
  assert.deepEqual(
    found,
    Array.from(answers, (letter) => dtypes[letter.charCodeAt(0) - 97]),
  );
  assert.equal(found.length, dtypes.length ** 3);
});

test('no dtypes have the smallest', () => assert.equal(resultType([]), 'bool'));
