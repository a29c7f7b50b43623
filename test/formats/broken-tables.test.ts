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

/** Broken copies of each file. */
const copies = Number(process.env.NORMA_TEST_MUTATIONS ?? 100);

const limit = 2 ** 24;

/** Rows that are looked at of a file that lies about them without being wrong. */
const maxRows = 2 ** 16;

/** Numbers that lengths, counts and offsets would rather not be. */
const bad = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

type Random = () => number;

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const below = (count: number) => Math.floor(random() * count);
  let copy = new Uint8Array(bytes);
  // Metadata are where lies do most: at the beginning of a stream, at the end of a file.
  const place = () =>
    random() < 0.5
      ? below(copy.length)
      : random() < 0.5
        ? below(Math.min(copy.length, 2048))
        : copy.length - 1 - below(Math.min(copy.length, 4096));
  for (let change = below(3); change >= 0; change--) {
    const at = place();
    switch (below(6)) {
      case 0:
        copy[at] ^= 1 << below(8);
        break;
      case 1:
        copy[at] = below(256);
        break;
      case 2: {
        const view = new DataView(copy.buffer);
        if (at + 4 <= copy.length) view.setUint32(at - (at % 4), bad[below(bad.length)], true);
        break;
      }
      case 3:
        copy.copyWithin(at, place(), place());
        break;
      case 4:
        copy.fill(random() < 0.5 ? 0xff : 0x80, at, at + below(12));
        break;
      default:
        copy = copy.slice(0, Math.max(at, 1));
    }
  }
  return copy;
}

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
        const mutated = mutate(bytes, random);
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
