import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '#errors.ts';
import { type CarriedColumn, carriedBytes } from '#tensor/carried.ts';
import { columnKind, type TableField, tensorDtype } from '#tables/field.ts';
import { toRowMajor } from '#tables/numbers.ts';
import { openArrowFile } from '#formats/arrow/file-reader.ts';
import { readRows } from './arrow/read-rows.ts';
import { openArrowStream } from '#formats/arrow/stream-reader.ts';
import { openParquet } from '#formats/parquet/table-reader.ts';
import { seeded } from '../seeded.ts';
import { randomBytes, sourceOfBytes } from './byte-source.ts';
import { bytesOfMixed, mixedTables } from './mixed-tables.ts';
import { mutateBytes } from './mutate-bytes.ts';

/** Broken copies of each file. */
const copies = Number(process.env.NORMA_TEST_MUTATIONS ?? 100);

const limit = 2 ** 24;

/** Rows that are looked at of a file that lies about them without being wrong. */
const maxRows = 2 ** 16;

/** The numbers and the bytes of some columns, as whoever reads the table asks for them. */
function use(fields: readonly TableField[], columns: readonly CarriedColumn[], rows: number): number {
  const numeric = fields.flatMap((field, at) => (columnKind(field) === 'other' ? [] : [at]));
  const dtype = tensorDtype(numeric.map((at) => fields[at]));
  if (rows > maxRows) return 0;
  const numbers = toRowMajor(
    numeric.map((at) => ({ name: fields[at].name, column: columns[at] })),
    dtype,
    columns[numeric[0] ?? 0].length,
  );
  return numbers.byteLength + columns.reduce((sum, column) => sum + carriedBytes(column), 0);
}

async function readTable(format: string, name: string, bytes: Uint8Array): Promise<void> {
  let rows = 0;
  if (format === 'parquet') {
    const { fields, batches } = await openParquet(randomBytes(bytes), limit);
    for await (const batch of batches(fields.map((_, at) => at))) {
      use(fields, batch.columns, batch.rows);
      rows += batch.rows;
      if (rows > maxRows) return;
    }
    return;
  }
  const isFile = !name.endsWith('.arrows');
  const table = isFile
    ? await openArrowFile(randomBytes(bytes), limit)
    : await openArrowStream(sourceOfBytes(bytes), limit);
  for await (const batch of readRows(table, limit)) use(table.schema.fields, batch.columns, batch.rows);
}

for (const format of ['arrow', 'parquet']) {
  for (const { name } of mixedTables(format)) {
    test(`a broken ${name} is read or refused, and nothing else`, async () => {
      const bytes = bytesOfMixed(name);
      const random = seeded(name.length * 7919 + bytes.length);
      let refused = 0;
      for (let copy = 0; copy < copies; copy++) {
        const mutated = mutateBytes(bytes, random);
        const begun = performance.now();
        try {
          await readTable(format, name, mutated);
        } catch (error) {
          if (!(error instanceof Problem)) {
            assert.fail(`copy ${copy}: ${error instanceof Error ? error.stack : String(error)}`);
          }
          assert.ok(error.status < 500, error.message);
          refused++;
        }
        if (process.env.NORMA_TEST_SLOW && performance.now() - begun > 300)
          console.log(name, copy, performance.now() - begun);
      }
      assert.ok(refused > copies / 10, `${refused} of ${copies} were refused`);
    });
  }
}
