/** Arrow streams of other implementations, and one laid down byte by byte from the specification. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { Problem, type ProblemCode } from '#errors.ts';
import { readArrow } from '../../../src/formats/arrow/read.ts';
import { byHand } from './arrow-by-hand.ts';
import { readWith } from '../read-format.ts';

interface Recorded {
  name: string;
  base64: string;
  dtype: string;
  names: string[];
  rows: number[][];
  /** The column that is no plain number. */
  refused?: string;
}

const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/arrow/files.json', import.meta.url), 'utf8'),
) as Recorded[];

async function refuses(bytes: Uint8Array, code: ProblemCode, message: RegExp): Promise<void> {
  await assert.rejects(
    readWith(readArrow, bytes),
    (error) => error instanceof Problem && error.code === code && message.test(error.message),
  );
}

async function readOther(name: string, bytes: Uint8Array, column: string): Promise<void> {
  if (name.endsWith('list of any length')) {
    return refuses(bytes, 'ragged_rows', new RegExp(`column "${column}"`));
  }
  const { columns, values } = await readWith(readArrow, bytes);
  if (name.endsWith('a null')) {
    assert.deepEqual(columns?.names.includes(column), true);
    assert.ok(values.includes(NaN));
  } else {
    assert.deepEqual(columns?.names.includes(column), false);
  }
}

describe('an Arrow stream', () => {
  for (const { name, base64, dtype, names, rows, refused } of recorded) {
    const bytes = Buffer.from(base64, 'base64');
    if (refused) {
      test(`of ${name} is carried, or told by the column's name`, () => readOther(name, bytes, refused));
      continue;
    }
    // An int16 and a float32 are float32 together; fields that may have nulls cannot be integers.
    const ofFloats = dtype.startsWith('float') ? dtype : 'float64';
    const expectedDtype = name.endsWith('mixed dtypes') ? 'float32' : ofFloats;
    test(`of ${name} is read`, async () => {
      for (const chunks of [[2 ** 16], [1], [7, 64]]) {
        const table = await readWith(readArrow, bytes, { chunks });
        assert.deepEqual(table.columns?.names, names);
        // Their fields may have nulls, which integers cannot be.
        assert.equal(table.dtype, expectedDtype);
        assert.deepEqual(table.values, rows.flat());
        assert.deepEqual(table.shape, [rows.length, rows[0]?.length ?? names.length]);
      }
    });
  }
});

describe('a stream laid down from the specification', () => {
  const { schema, batch, end } = byHand;

  test('is read', async () => {
    const table = await readWith(readArrow, Buffer.concat([schema, batch, end]));
    assert.deepEqual(table, {
      dtype: 'float32',
      shape: [2, 1],
      values: [0.5, -2],
      columns: { names: ['x'], ofLists: false },
    });
  });

  test('may end without saying so, and have no rows or many batches', async () => {
    assert.deepEqual((await readWith(readArrow, schema)).shape, [0, 1]);
    assert.deepEqual((await readWith(readArrow, Buffer.concat([schema, end]))).shape, [0, 1]);
    const { values } = await readWith(readArrow, Buffer.concat([schema, batch, batch, batch]));
    assert.deepEqual(values, [0.5, -2, 0.5, -2, 0.5, -2]);
  });

  test('is what apache-arrow reads, too', () => {
    const table = tableFromIPC(Buffer.concat([schema, batch, end]));
    assert.deepEqual(table.toArray().map(String), ['{"x": 0.5}', '{"x": -2}']);
  });

  test('is broken with bytes after its end, without its schema, or with a second one', async () => {
    await refuses(Buffer.concat([schema, batch, end, Buffer.of(0)]), 'broken_body', /followed by extra bytes/);
    await refuses(Buffer.concat([batch, end]), 'broken_body', /schema/);
    await refuses(end, 'broken_body', /schema/);
    await refuses(Buffer.alloc(0), 'broken_body', /schema/);
    await refuses(Buffer.concat([schema, schema]), 'broken_body', /schema/);
  });

  test('is broken wherever it is cut within a message', async () => {
    const whole = Buffer.concat([schema, batch]);
    for (let length = 1; length < whole.length; length++) {
      if (length === schema.length) continue;
      await refuses(whole.subarray(0, length), 'broken_body', /ends after/);
    }
  });

  test('with any byte changed is read or is the client’s fault', async () => {
    const whole = Buffer.concat([schema, batch, end]);
    for (let at = 0; at < whole.length; at++) {
      for (const byte of [0, 1, 4, 0x7f, 0x80, 0xff]) {
        const bytes = Buffer.from(whole);
        bytes[at] = byte;
        await readOrRefused(bytes);
      }
    }
  });

  test('is read or refused with any bytes after its schema', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (bytes) => readOrRefused(Buffer.concat([schema, bytes]))),
      { numRuns: 300 },
    );
  });

  test('is told from an Arrow file', () =>
    refuses(Buffer.from('ARROW1\0\0rest'), 'broken_body', /Arrow file .*stream format/));

  test('does not allocate what lengths promise', async () => {
    const long = Buffer.from(schema);
    long.writeUInt32LE(2 ** 24 + 1, 4);
    await refuses(long, 'broken_body', /declares 16777217 bytes of metadata/);
    for (const bodyLength of [2 ** 28 + 8, 2 ** 52, 2 ** 62]) {
      const lying = Buffer.from(batch);
      lying.writeBigUInt64LE(BigInt(bodyLength), 8 + 24);
      await refuses(Buffer.concat([schema, lying]), 'broken_body', /ends after/);
    }
  });
});

async function readOrRefused(bytes: Uint8Array): Promise<void> {
  try {
    await readWith(readArrow, bytes);
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
  }
}
