import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CarriedColumn } from '#tensor/carried.ts';
import { concatCarried } from '#tables/concat-carried.ts';
import { columnKind } from '#tables/field.ts';
import { toRowMajor } from '#tables/numbers.ts';
import { openParquet } from '#formats/parquet/table-reader.ts';
import { randomBytes } from '../byte-source.ts';
import { bytesOfMixed, mixedTables, numbersFrom, textsOf } from '../mixed-tables.ts';

const limit = 2 ** 28;

async function readAll(bytes: Uint8Array, only?: readonly number[]) {
  const { fields, rows, batches } = await openParquet(randomBytes(bytes), limit);
  const wanted = only ?? fields.map((_, at) => at);
  const parts: CarriedColumn[][] = wanted.map(() => []);
  for await (const { columns } of batches(wanted)) columns.forEach((column, at) => parts[at].push(column));
  return { fields, rows, columns: parts.map((pieces) => concatCarried(pieces)) };
}

describe('a Parquet table', () => {
  for (const { name, columns: expected } of mixedTables('parquet')) {
    test(`is read as its writer wrote it: ${name}`, async () => {
      const { fields, rows, columns } = await readAll(bytesOfMixed(name));
      assert.equal(rows, expected[0].values.length);
      assert.deepEqual(
        fields.map((field) => field.name),
        expected.map((column) => column.name),
      );
      expected.forEach((column, at) => {
        const field = fields[at];
        assert.equal(field.isIndex, column.role === 'index', column.name);
        if (column.role === 'numeric') {
          assert.notEqual(columnKind(field), 'other', column.name);
          const numbers = toRowMajor([{ name: column.name, column: columns[at] }], 'float64', rows);
          assert.deepEqual([...new Float64Array(numbers)], numbersFrom(column.values), column.name);
        } else {
          assert.deepEqual(textsOf(columns[at]), column.values, column.name);
        }
      });
    });
  }

  test('gives the columns that are asked for, in that order', async () => {
    const { columns } = await readAll(bytesOfMixed('pyarrow-snappy.parquet'), [13, 0]);
    const [{ columns: expected }] = mixedTables('parquet');
    assert.equal(columns.length, 2);
    [13, 0].forEach((place, at) => {
      const numbers = toRowMajor([{ name: 'x', column: columns[at] }], 'float64', columns[at].length);
      assert.deepEqual([...new Float64Array(numbers)], numbersFrom(expected[place].values));
    });
  });
});
