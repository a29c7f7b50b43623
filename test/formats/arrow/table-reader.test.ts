import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CarriedColumn } from '#tensor/carried.ts';
import { concatCarried } from '#tables/concat-carried.ts';
import { columnKind, tensorDtype } from '#tables/field.ts';
import { toRowMajor } from '#tables/numbers.ts';
import { openArrowFile } from '#formats/arrow/file-reader.ts';
import { openArrowStream } from '#formats/arrow/stream-reader.ts';
import { readRows } from './read-rows.ts';
import { randomBytes, sourceOfBytes } from '../byte-source.ts';
import { bytesOfMixed, mixedTables, numbersFrom, textsOf } from '../mixed-tables.ts';

const limit = 2 ** 28;

async function readAll(bytes: Uint8Array) {
  const isFile = Buffer.from(bytes).toString('latin1', 0, 6) === 'ARROW1';
  const table = isFile
    ? await openArrowFile(randomBytes(bytes), limit)
    : await openArrowStream(sourceOfBytes(bytes), limit);
  const parts: CarriedColumn[][] = table.schema.fields.map(() => []);
  const shapes = [];
  for await (const { columns, listShape } of readRows(table, limit)) {
    columns.forEach((column, at) => parts[at].push(column));
    shapes.push(listShape);
  }
  return { schema: table.schema, columns: parts.map((pieces) => concatCarried(pieces)), shapes };
}

describe('an Arrow table', () => {
  for (const { name, columns: expected } of mixedTables('arrow').filter((table) => !table.name.includes('list'))) {
    test(`is read as its writer wrote it: ${name}`, async () => {
      const { schema, columns } = await readAll(bytesOfMixed(name));
      assert.deepEqual(
        schema.fields.map((field) => field.name),
        expected.map((column) => column.name),
      );
      expected.forEach((column, at) => {
        const field = schema.fields[at];
        assert.equal(field.isIndex, column.role === 'index', column.name);
        if (column.role === 'numeric') {
          assert.notEqual(columnKind(field), 'other', column.name);
          const numbers = toRowMajor([{ name: column.name, column: columns[at] }], 'float64', columns[at].length);
          assert.deepEqual([...new Float64Array(numbers)], numbersFrom(column.values), column.name);
        } else {
          assert.deepEqual(textsOf(columns[at]), column.values, column.name);
        }
      });
    });
  }

  for (const { name } of mixedTables('arrow').filter((table) => table.name.includes('list'))) {
    test(`of one column of lists is an array: ${name}`, async () => {
      const { schema, columns, shapes } = await readAll(bytesOfMixed(name));
      const numbers = [
        ...new Float64Array(
          toRowMajor([{ name: 'image', column: columns[0] }], tensorDtype(schema.fields), columns[0].length),
        ),
      ];
      if (name.includes('lz4')) {
        assert.deepEqual(shapes, [[6], [6]]);
        assert.deepEqual(
          numbers,
          Array.from({ length: 24 }, (_, at) => at),
        );
      } else {
        assert.deepEqual(shapes, [[3]]);
        assert.deepEqual(numbers, [1, 2, NaN, 4, 5, 6]);
      }
    });
  }

  test('gives the columns that are asked for, in that order', async () => {
    const table = await openArrowStream(sourceOfBytes(bytesOfMixed('pyarrow.arrows')), limit);
    const [{ columns: expected }] = mixedTables('arrow');
    const parts: CarriedColumn[][] = [[], []];
    for await (const { columns } of readRows(table, limit, [8, 0])) {
      assert.equal(columns.length, 2);
      columns.forEach((column, at) => parts[at].push(column));
    }
    assert.deepEqual(textsOf(concatCarried(parts[0])), expected[8].values);
    assert.deepEqual(textsOf(concatCarried(parts[1])).map(Number), numbersFrom(expected[0].values));
  });
});
