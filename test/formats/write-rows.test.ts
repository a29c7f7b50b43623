import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CarriedColumn, carriedFromTexts } from '#tensor/carried.ts';
import { createTextReader } from '#tables/carried-text.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import { parseRows } from '#formats/csv/read-rows.ts';
import { writeCsvHeader, writeCsvRows } from '#formats/csv/write-rows.ts';
import { writeJsonRows } from '#formats/json/table/write-rows.ts';

const columns: AnswerColumn[] = [
  { name: 'y', from: 'numbers', at: 1 },
  { name: 't', from: 'carried', at: 0 },
  { name: 'x "1"', from: 'numbers', at: 0 },
];

const rowsOfTable = fc.array(
  fc.record({
    x: fc.integer(),
    y: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    t: fc.option(fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', ' ', 'ö', '\\') })),
  }),
  { maxLength: 10 },
);

test('Rows written as CSV are read back, with commas and with decimal commas', () => {
  const dialects = fc.constantFrom({ delimiter: 44, decimal: 46 }, { delimiter: 59, decimal: 44 });
  fc.assert(
    fc.property(rowsOfTable, dialects, (rows, dialect) => {
      const numbers = Buffer.from(rows.map(({ x, y }) => `${x},${y}\n`).join(''));
      const carried = [carriedFromTexts(rows.map(({ t }) => t))];
      const written = writeCsvRows(numbers, carried, rows.length, { columns, width: 2, dialect });
      const read = parseRows(written, { dialect, columns: 3, numbers: [2, 0], carried: [1], booleans: [] });
      assert.equal(read.fault, undefined);
      assert.deepEqual(
        [...read.values],
        rows.flatMap(({ x, y }) => [x, y]),
      );
      const textAt = createTextReader(read.carried[0]);
      assert.deepEqual(
        rows.map((_, row) => textAt(row)),
        rows.map(({ t }) => t),
      );
    }),
  );
});

test('Rows written as JSON are what JSON.parse reads', () => {
  fc.assert(
    fc.property(rowsOfTable, (rows) => {
      const numbers = Buffer.from(rows.flatMap(({ x, y }) => [x, y]).join(','));
      const carried = [carriedFromTexts(rows.map(({ t }) => t))];
      const write = (style: 'list' | 'record' | 'line') =>
        Buffer.from(writeJsonRows(numbers, carried, rows.length, { columns, width: 2, style })).toString();
      const records = rows.map(({ x, y, t }) => ({ y, t, 'x "1"': x }));
      assert.deepEqual(
        JSON.parse(`[${write('list').slice(0, -1)}]`),
        rows.map(({ x, y, t }) => [y, t, x]),
      );
      assert.deepEqual(JSON.parse(`[${write('record').slice(0, -1)}]`), records);
      const lines = write('line').split('\n').slice(0, -1);
      assert.deepEqual(
        lines.map((line) => JSON.parse(line)),
        records,
      );
    }),
  );
});

test('Carried values of other types are text in CSV, and in JSON numbers or strings', () => {
  const integer = { kind: 'int', bits: 64, signed: true } as const;
  const whole: CarriedColumn = {
    type: integer,
    length: 2,
    data: new Uint8Array(BigInt64Array.of(2n ** 60n, -1n).buffer),
  };
  const days: CarriedColumn = {
    type: { kind: 'date', unit: 'day' },
    length: 2,
    data: new Uint8Array(Int32Array.of(0, 20786).buffer),
  };
  const json = carriedFromTexts(['"a,b"', '{"x":[1.10]}'], { kind: 'json' });
  const floats: CarriedColumn = {
    type: { kind: 'float', bits: 64 },
    length: 2,
    data: new Uint8Array(Float64Array.of(NaN, Infinity).buffer),
  };
  const all = [whole, days, json, floats];
  const places = all.map((_, at): AnswerColumn => ({ name: `c${at}`, from: 'carried', at }));
  const none = new Uint8Array(0);
  const csv = writeCsvRows(none, all, 2, { columns: places, width: 0, dialect: { delimiter: 44, decimal: 46 } });
  assert.deepEqual(Buffer.from(csv).toString().split('\n'), [
    '1152921504606846976,1970-01-01,"a,b",NaN',
    '-1,2026-11-29,"{""x"":[1.10]}",Infinity',
    '',
  ]);
  const lists = writeJsonRows(none, all, 2, { columns: places, width: 0, style: 'list' });
  assert.equal(
    Buffer.from(lists).toString(),
    '[1152921504606846976,"1970-01-01","a,b",null],[-1,"2026-11-29",{"x":[1.10]},"Infinity"],',
  );
});

test('A header is quoted where its names need it, and an index has none', () => {
  const dialect = { delimiter: 59, decimal: 44 };
  const header = writeCsvHeader(
    [{ name: '' }, { name: 'a;b' }, { name: 'c,d' }, { name: 'say "x"' }, { name: '' }],
    dialect,
  );
  assert.equal(header, ';"a;b";c,d;"say ""x""";""\n');
});
