import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createTextReader } from '#tables/carried-text.ts';
import type { TableRows } from '#formats/json/table/json-columns.ts';
import { parseRecordLines, typeRecordLines } from '#formats/ndjson/read-lines.ts';
import { findTable } from '#formats/json/table/find-table.ts';
import { openJsonTable } from '#formats/json/table/read-table.ts';
import type { TableSchema } from '#tables/schema.ts';
import { fromHex } from '../../tables/from-hex.ts';

type Columns = Record<string, (number | string | null)[]>;

function planOf(schema: TableSchema) {
  const places = schema.map((_, at) => at);
  const isText = (at: number) => schema[at].kind === 'other';
  return { numbers: places.filter((at) => !isText(at)), carried: places.filter(isText) };
}

function columnsOf(schema: TableSchema, { values, carried, rows }: TableRows): Columns {
  const plan = planOf(schema);
  const texts = carried.map(createTextReader);
  const entries = schema.map(({ name }, at) => {
    const [number, text] = [plan.numbers.indexOf(at), plan.carried.indexOf(at)];
    const cell = (row: number) => (number < 0 ? texts[text](row) : values[row * plan.numbers.length + number]);
    return [name, Array.from({ length: rows }, (_, row) => cell(row))] as const;
  });
  return Object.fromEntries(entries);
}

function read(text: string) {
  const table = openJsonTable(Buffer.from(text), text.search(/\S/), '/data');
  const rows = table.read(planOf(table.schema));
  return { schema: table.schema, form: table.form, columns: columnsOf(table.schema, rows) };
}

function readLines(text: string) {
  const bytes = Buffer.from(text);
  const schema = typeRecordLines(bytes);
  const lines = parseRecordLines(bytes, schema, planOf(schema));
  return { schema, lines, columns: columnsOf(schema, lines) };
}

interface Recorded {
  name: string;
  orient: 'split' | 'records' | 'lines';
  text: string;
  columns: { name: string; kind: string; values: (string | null)[] }[];
}

const tables: Recorded[] = JSON.parse(readFileSync('test/fixtures/tables/json.json', 'utf8'));

describe('a table that pandas wrote is read as Python reads it', () => {
  for (const { name, orient, text, columns: expected } of tables) {
    test(name, () => {
      const { schema, columns } = orient === 'lines' ? readLines(text) : read(text);
      const features = schema.filter(({ isIndex }) => !isIndex);
      assert.deepEqual(
        features.map((column) => `${column.name} ${column.kind}`),
        expected.map((column) => `${column.name} ${column.kind}`),
      );
      for (const { name: column, kind, values } of expected) {
        const asValues = (all: (string | number | null)[]) => all.map((one) => one && JSON.parse(String(one)));
        if (kind === 'other') assert.deepEqual(asValues(columns[column]), asValues(values));
        else
          assert.deepEqual(
            columns[column],
            values.map((value) => fromHex(value ?? assert.fail())),
          );
      }
      if (orient === 'split')
        assert.deepEqual(
          columns[''],
          Array.from({ length: 20 }, (_, row) => String(row)),
        );
    });
  }
});

test('What JSON.parse reads is read the same, in either form, on lines, with any blanks and keys in any order', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 4 });
  const number = fc.option(
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((one) => !Number.isInteger(one) || Math.abs(one) < 2 ** 53)
      .map((one) => one + 0),
  );
  const other = fc.option(
    fc.oneof(
      fc.string(),
      fc.array(fc.jsonValue({ maxDepth: 1 })),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { noNullPrototype: true }),
    ),
  );
  const table = fc
    .tuple(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 8 }))
    .chain(([names, rows]) =>
      fc.record({
        names: fc.constant(names),
        numbers: fc.constantFrom(...names.map((_, at) => at)),
        rows: fc.array(fc.tuple(...names.map(() => fc.tuple(number, other))), {
          minLength: rows,
          maxLength: rows,
        }),
        order: fc.shuffledSubarray(
          names.map((_, at) => at),
          { minLength: names.length },
        ),
        indent: fc.constantFrom(0, 1),
      }),
    );
  fc.assert(
    fc.property(table, ({ names, numbers, rows, order, indent }) => {
      const cells = rows.map((row) => row.map(([value, any], at) => (at < numbers ? value : any)));
      // Keys like "0" come first in objects, and "__proto__" is none in a literal: written by hand.
      const recordOf = (row: unknown[], keys: readonly number[]) =>
        `{${keys.map((at) => `${JSON.stringify(names[at])} :${JSON.stringify(row[at])}`).join(' , ')}}`;
      const straight = names.map((_, at) => at);
      const records = cells.map((row, at) => recordOf(row, at === 0 ? straight : order));
      const split = JSON.stringify({ data: cells, columns: names }, null, indent);
      const found = [read(split), read(`[${records.join(' ,\n')} ]`), readLines(`${records.join('\r\n\n')}\n`)];
      for (const { schema, columns } of found) {
        assert.deepEqual(
          schema.map((column) => column.name),
          names,
        );
        schema.forEach(({ name: column, kind }, at) => {
          const expected = cells.map((row): unknown => JSON.parse(JSON.stringify(row[at])));
          const words = { NaN, Infinity, '-Infinity': -Infinity } as Record<string, number>;
          if (kind !== 'other') {
            const asNumber = (value: unknown) => (value === null ? NaN : (words[value as string] ?? Number(value)));
            assert.deepEqual(columns[column], expected.map(asNumber));
          } else {
            assert.deepEqual(
              columns[column].map((text) => text && JSON.parse(String(text))),
              expected,
            );
          }
        });
      }
    }),
    { numRuns: 300 },
  );
});

test('What is carried stays as it was written', () => {
  const { columns } = read('[{"id": "a", "big": 1, "nested": [1, {"x": null}]}, {"id": "\\u00e9", "nested": "z"}]');
  assert.deepEqual(columns.nested, ['[1, {"x": null}]', '"z"']);
  assert.deepEqual(columns.id, ['"a"', '"\\u00e9"']);
  const text = '[{"id":12345678901234567890,"price":1.10,"x":1}]';
  const table = openJsonTable(Buffer.from(text), 0, '/data');
  const { carried, values } = table.read({ numbers: [2], carried: [0, 1] });
  const cells = carried.map((column) => createTextReader(column)(0));
  assert.deepEqual([cells, [...values]], [['12345678901234567890', '1.10'], [1]]);
});

test('A missing key, null and "NaN" are NaN among numbers, and missing among the rest', () => {
  const { columns } = read('[{"x":1,"t":"a"},{"x":null,"t":null},{},{"x":"NaN"},{"x":"-Infinity"}]');
  assert.deepEqual(columns, { x: [1, NaN, NaN, NaN, -Infinity], t: ['"a"', null, null, null, null] });
});

function problem(code: string, pointer: string, ...words: string[]) {
  return (error: unknown) => {
    assert(error instanceof Error && 'code' in error && 'errors' in error);
    const [place] = error.errors as { pointer: string }[];
    assert.deepEqual([error.code, place?.pointer ?? ''], [code, pointer]);
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };
}

test('What is wrong is told with its place', () => {
  const wrong: [text: string, code: string, pointer: string, ...words: string[]][] = [
    ['[{"a":1,"a":2}]', 'duplicate_columns', '/data/0', '"a"'],
    ['[{"a":1},{"a":"x"}]', 'invalid_data', '/data/1/a', '"x"'],
    ['[{"a/b":1},{"a/b":[]}]', 'invalid_data', '/data/1/a~1b', '[]'],
    ['[{"a":1},{"a":true}]', 'invalid_data', '/data/1/a', 'true'],
    ['[{"a":1},2]', 'invalid_data', '/data/1', '"2"'],
    ['[{"a":9007199254740993}]', 'not_exact', '/data/0/a', '9007199254740993'],
    ['[{"a":1e999}]', 'invalid_data', '/data/0/a', 'beyond'],
    ['{"columns":["a","b"],"data":[[1,2],[3]]}', 'ragged_rows', '/data/data/1', '1 values', '2 columns'],
    ['{"columns":["a"],"data":[[1,2]]}', 'ragged_rows', '/data/data/0', '2 values', '1 columns'],
    ['{"columns":["a"],"data":[[1],["x"]]}', 'invalid_data', '/data/data/1/0', '"x"'],
    ['{"columns":["a"],"index":[0],"data":[[1],[2]]}', 'ragged_rows', '/data/index', '1 values', '2 rows'],
    ['{"columns":"a","data":[]}', 'invalid_data', '/data/columns'],
    ['{"columns":[],"data":[],"names":[]}', 'invalid_request', '/data', '"names"'],
    ['[{"a":01}]', 'invalid_json', ''],
    ['[{"a":1.}]', 'invalid_json', ''],
    ['[{"a":.5}]', 'invalid_json', ''],
    ['[{"a":NaN}]', 'invalid_json', ''],
    ['[{"a":1 "b":2}]', 'invalid_json', ''],
    ['[{"a":1,}]', 'invalid_json', ''],
    ['[{"a":1}', 'invalid_json', ''],
    ['[{"a":1}{"a":2}]', 'invalid_json', ''],
    ['[{"a":"x\ny"}]', 'invalid_json', ''],
    ['[{"a":"\\x"}]', 'invalid_json', ''],
  ];
  for (const [text, ...what] of wrong) assert.throws(() => read(text), problem(...what), text);
});

test('A key that the first thousand records do not have is an error', () => {
  const records = (count: number) => `[${Array.from({ length: count }, () => '{"a":1}').join(',')},{"a":1,"b":2}]`;
  assert.deepEqual(read(records(999)).columns.b.at(-1), 2);
  assert.throws(() => read(records(1000)), problem('unknown_columns', '/data/1000', '"b"'));
});

test('A fault in lines says which line, and keeps the rows before it', () => {
  const { lines } = readLines('{"a":1}\n\n{"a":2}\n{"a":"x"}\n{"a":3}\n');
  const { values, rows, fault } = lines;
  assert.deepEqual([[...values], rows, lines.lines], [[1, 2], 2, 4]);
  assert.deepEqual([fault?.code, fault?.pointer], ['invalid_data', '/a']);
  assert.equal(readLines('{"a":1} 2\n').lines.fault?.code, 'invalid_json');
});

test('A list of objects is a table, and an object with columns and data; arrays are not', () => {
  const isTableIn = (value: unknown) =>
    findTable(Buffer.from(JSON.stringify({ normalizer: {}, data: value }))) !== undefined;
  assert.ok(isTableIn([{ a: 1 }]));
  assert.ok(isTableIn({ columns: [], data: [] }));
  for (const value of [[], [[1]], [1], { dtype: 'float64', shape: [1], data: [1] }, 3]) assert.ok(!isTableIn(value));
});
