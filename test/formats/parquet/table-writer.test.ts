import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CarriedColumn } from '#tensor/carried.ts';
import { concatCarried } from '#tables/concat-carried.ts';
import { fromRowMajor } from '#tables/from-row-major.ts';
import { readRows } from '../arrow/read-rows.ts';
import { openArrowStream } from '#formats/arrow/stream-reader.ts';
import type { ParquetWrittenField } from '#formats/parquet/arrow-hint.ts';
import { openParquet } from '#formats/parquet/table-reader.ts';
import { createParquetWriter } from '#formats/parquet/table-writer.ts';
import { randomBytes, sourceOfBytes } from '../byte-source.ts';
import { bytesOfMixed, mixedTables, textsOf } from '../mixed-tables.ts';

const limit = 2 ** 28;

function fileOf(fields: readonly ParquetWrittenField[], groups: readonly CarriedColumn[][]): Uint8Array {
  const writer = createParquetWriter(fields);
  return Buffer.concat([...groups.map((columns) => writer.write(columns)), writer.end()]);
}

async function readParquet(bytes: Uint8Array) {
  const { fields, batches } = await openParquet(randomBytes(bytes), limit);
  const groups: CarriedColumn[][] = [];
  for await (const { columns } of batches(fields.map((_, at) => at))) groups.push(columns);
  return { fields, groups };
}

function columnTexts(groups: readonly CarriedColumn[][], at: number) {
  return textsOf(concatCarried(groups.map((columns) => columns[at])));
}

describe('a Parquet table that was read is written', () => {
  for (const { name, columns } of mixedTables('parquet')) {
    test(`again with the types and values it had: ${name}`, async () => {
      const { fields, groups } = await readParquet(bytesOfMixed(name));
      const again = await readParquet(fileOf(fields, groups));
      assert.deepEqual(
        again.fields.map((field) => [field.name, field.type]),
        fields.map((field) => [field.name, field.type]),
      );
      columns.forEach((_, at) => assert.deepEqual(columnTexts(again.groups, at), columnTexts(groups, at)));
    });
  }
});

test('what came as Arrow is written as Parquet, dictionaries as their values', async () => {
  const table = await openArrowStream(sourceOfBytes(bytesOfMixed('pyarrow.arrows')), limit);
  const groups: CarriedColumn[][] = [];
  for await (const { columns } of readRows(table, limit)) groups.push(columns);
  const again = await readParquet(fileOf(table.schema.fields, groups));
  table.schema.fields.forEach((_, at) => assert.deepEqual(columnTexts(again.groups, at), columnTexts(groups, at)));
});

test('normalized columns stand as floats between carried ones', async () => {
  const [a, b] = fromRowMajor(Float32Array.of(1, 2, 3, NaN, -0, 6).buffer, 'float32', 2);
  const flag: CarriedColumn = { type: { kind: 'bool' }, length: 3, data: Uint8Array.of(0b101) };
  const float = { kind: 'float', bits: 32 } as const;
  const fields = [
    { name: 'b', type: float, isNullable: false },
    { name: 'flag', type: { kind: 'bool' }, isNullable: false },
    { name: 'a', type: float, isNullable: false },
  ] as const;
  const { groups } = await readParquet(fileOf(fields, [[b, flag, a]]));
  const [first, second, third] = groups[0];
  assert.deepEqual([...new Float32Array(new Uint8Array(first.data).buffer)], [2, NaN, 6]);
  assert.deepEqual(textsOf(second), ['true', 'false', 'true']);
  assert.deepEqual([...new Float32Array(new Uint8Array(third.data).buffer)], [1, 3, -0]);
});

test('a table without rows is a file without row groups', async () => {
  const { fields, groups } = await readParquet(fileOf([{ name: 'x', type: { kind: 'bool' }, isNullable: true }], []));
  assert.deepEqual([fields.length, groups.length], [1, 0]);
});
