import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { withoutCarried } from '#tables/column-plan.ts';
import {
  matchArrayColumns,
  matchByPosition,
  matchColumns,
  type MatchOptions,
  unnamedData,
} from '#tables/match-columns.ts';
import type { TableColumn } from '#tables/schema.ts';
import { selectColumns } from '#tables/select-columns.ts';

const age: TableColumn = { name: 'age', kind: 'number' };
const salary: TableColumn = { name: 'salary', kind: 'number' };
const member: TableColumn = { name: 'member', kind: 'boolean' };
const city: TableColumn = { name: 'city', kind: 'other', first: { row: 0, text: 'Oslo' } };
const index: TableColumn = { name: '', kind: 'number', isIndex: true };
const people = [index, age, city, member, salary];
const { learned } = selectColumns(people);

const strict: MatchOptions = { missing: 'error', extra: 'pass', isInverse: false };

function problem(code: string, ...words: string[]) {
  return (error: unknown) => {
    assert(error instanceof Error && 'code' in error);
    assert.equal(error.code, code);
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };
}

describe('a fit', () => {
  test('normalizes numbers and booleans, and carries the index and the rest along', () => {
    const { plan, warnings } = selectColumns(people);
    assert.deepEqual(plan.numbers, [1, 3, 4]);
    assert.deepEqual(plan.carried, [0, 2]);
    assert.deepEqual(learned, {
      columns: ['age', 'member', 'salary'],
      selected: undefined,
      passedThrough: ['', 'city'],
    });
    assert.deepEqual(
      warnings.map(({ code, columns }) => [code, columns]),
      [['passed_through', ['', 'city']]],
    );
    assert.deepEqual(
      withoutCarried(plan).answer.map(({ name }) => name),
      ['age', 'member', 'salary'],
    );
  });

  test('takes columns by name and by their place in the table as sent, and keeps names', () => {
    const { plan, learned: kept } = selectColumns(people, { columns: ['salary', 1] });
    assert.deepEqual(plan.numbers, [4, 1]);
    assert.deepEqual(kept.selected, ['salary', 'age']);
    assert.deepEqual(kept.columns, ['age', 'member', 'salary']);
    assert.deepEqual(
      plan.answer.map(({ name, from }) => `${name} ${from}`),
      [...[' carried', 'age numbers', 'city carried', 'member carried', 'salary numbers']],
    );
  });

  test('takes a number in a query for a name where a column is called so', () => {
    const years = ['2023', '2024', '1'].map((name): TableColumn => ({ name, kind: 'number' }));
    assert.deepEqual(selectColumns(years, { columns: [2024, 1, 0], numbersMayBeNames: true }).learned.selected, [
      ...['2024', '1', '2023'],
    ]);
    assert.deepEqual(selectColumns(years, { columns: [1] }).learned.selected, ['2024']);
  });

  test('leaves a column of weights out of the features', () => {
    const { learned: kept, warnings } = selectColumns([age, salary], { notFeatures: ['salary'] });
    assert.deepEqual([kept.columns, kept.passedThrough, warnings], [['age'], ['salary'], []]);
  });

  test('says by name what it cannot select', () => {
    const choose = (...columns: (string | number)[]) => selectColumns(people, { columns });
    assert.throws(() => choose('slaary'), problem('unknown_columns', '"slaary"', 'did you mean "salary"'));
    assert.throws(() => choose('zzz'), problem('unknown_columns', '"zzz"', '"age"', '"city"'));
    assert.throws(() => choose(7), problem('column_out_of_range', 'column 7', '5'));
    assert.throws(() => choose('age', 1), problem('column_out_of_range', '"age"', 'twice'));
    assert.throws(() => choose('city'), problem('not_numeric', '"city"', 'row 0', '"Oslo"'));
    assert.throws(() => selectColumns([age, age]), problem('duplicate_columns', '"age"'));
    assert.throws(() => selectColumns([city]), problem('not_numeric', '"city"'));
  });
});

describe('a normalizer with names', () => {
  test('finds its columns in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(people, { minLength: 5 }), (table) => {
        const { plan, normalized } = matchColumns(table, learned, strict);
        assert.deepEqual(
          plan.numbers.map((at) => table[at].name),
          learned.columns,
        );
        assert.deepEqual(
          plan.answer.map(({ name }) => name),
          table.map(({ name }) => name),
        );
        assert.equal(normalized, undefined);
        const carried = plan.carried.map((at) => table[at].name);
        for (const { name, from, at } of plan.answer) {
          assert.equal(name, (from === 'numbers' ? learned.columns : carried)[at]);
        }
      }),
    );
  });

  test('says which columns are missing, and what they may be called now', () => {
    const wages: TableColumn = { name: 'sallary', kind: 'number' };
    assert.throws(
      () => matchColumns([age, member, wages], learned, strict),
      problem('missing_columns', '"salary"', '"sallary"'),
    );
    assert.throws(() => matchColumns([age], learned, strict), problem('missing_columns', '"member"', '"salary"'));
  });

  test('does not miss a column that it does not normalize', () => {
    const { learned: kept } = selectColumns(people, { columns: ['salary'] });
    assert.deepEqual(matchColumns([salary], kept, strict).plan.numbers, [0]);
  });

  test('normalizes what is there where a caller asks for that, and nothing is an error still', () => {
    const { plan, normalized } = matchColumns([salary, age], learned, { ...strict, missing: 'ignore' });
    assert.deepEqual(
      [plan.numbers, normalized],
      [
        [1, 0],
        [0, 2],
      ],
    );
    assert.throws(() => matchColumns([city], learned, { ...strict, missing: 'ignore' }), problem('missing_columns'));
  });

  test('takes back part of a table', () => {
    assert.deepEqual(matchColumns([salary], learned, { ...strict, isInverse: true }).normalized, [2]);
    assert.deepEqual(matchArrayColumns(['salary', 0], learned, 2), [2, 0]);
    assert.throws(() => matchArrayColumns(['salary'], learned, 2), problem('shape_mismatch', '1', '2'));
    assert.throws(() => matchArrayColumns(['salery'], learned, 1), problem('unknown_columns', 'mean "salary"'));
    assert.throws(() => matchArrayColumns([9], learned, 1), problem('unknown_columns', '"9"'));
    assert.throws(() => matchArrayColumns(['age', 0], learned, 2), problem('duplicate_columns', '"age"'));
  });

  test('passes, drops or refuses columns that it has not seen', () => {
    const extra: TableColumn = { name: 'height', kind: 'number' };
    const table = [extra, ...people];
    const passed = matchColumns(table, learned, strict);
    assert.deepEqual(passed.plan.carried, [0, 1, 3]);
    assert.deepEqual(
      passed.warnings.map(({ code, columns }) => [code, columns]),
      [
        ['passed_through', ['', 'city']],
        ['unknown_columns', ['height']],
      ],
    );
    const dropped = matchColumns(table, learned, { ...strict, extra: 'drop' });
    assert.deepEqual(dropped.plan.carried, [1, 3]);
    assert.deepEqual(
      dropped.warnings.map(({ code }) => code),
      ['passed_through'],
    );
    assert.throws(
      () => matchColumns(table, learned, { ...strict, extra: 'error' }),
      problem('unknown_columns', '"height"', '"age"'),
    );
  });

  test('refuses text in a column of numbers, with its row', () => {
    const retyped: TableColumn = { name: 'age', kind: 'other', first: { row: 3, text: 'unknown' } };
    const match = () => matchColumns([retyped, member, salary], learned, strict);
    assert.throws(match, problem('not_numeric', '"age"', 'row 3', '"unknown"'));
  });

  test('takes data without names by position, and says so', () => {
    const { code, message } = unnamedData(learned);
    assert.equal(code, 'names_not_checked');
    assert.ok(message.includes('"age", "member" and "salary"'), message);
  });
});

test('A normalizer without names takes the features of a table by position', () => {
  const { plan, warnings } = matchByPosition(people, 3);
  assert.deepEqual(
    [plan.numbers, plan.carried],
    [
      [1, 3, 4],
      [0, 2],
    ],
  );
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['passed_through', 'names_not_checked'],
  );
  assert.deepEqual(matchByPosition(people, 3, [2]).plan.numbers, [4]);
  assert.throws(() => matchByPosition(people, 5), problem('shape_mismatch', '3', '5'));
});
