import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { type CarriedColumn, isMissing } from '#tensor/carried.ts';
import { concatCarried } from '#tables/concat-carried.ts';
import { fromRowMajor } from '#tables/from-row-major.ts';
import { openArrowStream } from '#formats/arrow/stream-reader.ts';
import { readRows } from './read-rows.ts';
import { createArrowWriter, type WrittenField } from '#formats/arrow/table-writer.ts';
import { endOfStream } from '#formats/arrow/encode-messages.ts';
import { sourceOfBytes } from '../byte-source.ts';
import { bytesOfMixed, mixedTables, textsOf } from '../mixed-tables.ts';

const limit = 2 ** 28;

function streamOf(fields: readonly WrittenField[], batches: readonly CarriedColumn[][]): Uint8Array {
  const writer = createArrowWriter(fields);
  return Buffer.concat([writer.begin(), ...batches.flatMap((columns) => writer.write(columns)), endOfStream]);
}

async function readAll(bytes: Uint8Array) {
  const table = await openArrowStream(sourceOfBytes(bytes), limit);
  const all: CarriedColumn[][] = [];
  for await (const { columns } of readRows(table, limit)) all.push(columns);
  return { fields: table.schema.fields, batches: all };
}

describe('an Arrow table that was read is written', () => {
  for (const { name, columns } of mixedTables('arrow')) {
    if (!name.endsWith('.arrows') || name.includes('list')) continue;
    test(`again with the types and values it had: ${name}`, async () => {
      const { fields, batches } = await readAll(bytesOfMixed(name));
      const again = await readAll(streamOf(fields, batches));
      assert.deepEqual(
        again.fields.map(({ name, type, values, isNullable }) => [name, type, values, isNullable]),
        fields.map(({ name, type, values, isNullable }) => [name, type, values, isNullable]),
      );
      assert.equal(again.batches.length, batches.length);
      columns.forEach((_, at) => {
        const [before, after] = [batches, again.batches].map((all) =>
          textsOf(concatCarried(all.map((row) => row[at]))),
        );
        assert.deepEqual(after, before);
      });
    });
  }

  test('as the reference implementation reads it', async () => {
    const { fields, batches } = await readAll(bytesOfMixed('pyarrow.arrows'));
    const table = tableFromIPC(streamOf(fields, batches));
    assert.deepEqual(
      table.schema.fields.map((field) => [field.name, String(field.type)]),
      [
        ['small', 'Int8'],
        ['count', 'Uint32'],
        ['id', 'Int64'],
        ['age', 'Int32'],
        ['height', 'Float64'],
        ['weight', 'Float32'],
        ['member', 'Bool'],
        ['price', 'Decimal[10e+2]'],
        ['city', 'Utf8'],
        ['kind', 'Dictionary<Int32, Utf8>'],
        ['born', 'Date32<DAY>'],
        ['seen', 'Timestamp<MICROSECOND, Europe/Oslo>'],
        ['local', 'Timestamp<MILLISECOND>'],
        ['ratio', 'Float64'],
      ],
    );
    const cities = concatCarried(batches.map((columns) => columns[8]));
    assert.deepEqual([...(table.getChild('city') ?? [])], textsOf(cities));
    const kinds = concatCarried(batches.map((columns) => columns[9]));
    assert.deepEqual([...(table.getChild('kind') ?? [])], textsOf(kinds));
  });
});

test('normalized columns stand as floats between carried ones', () => {
  const rows = Float32Array.of(1, 2, 3, NaN, 5, 6);
  const [a, b] = fromRowMajor(rows.buffer, 'float32', 2);
  const name: CarriedColumn = {
    type: { kind: 'utf8' },
    length: 3,
    offsets: Int32Array.of(0, 1, 1, 3),
    validity: Uint8Array.of(0b101),
    data: Uint8Array.of(120, 121, 122),
  };
  const float = { kind: 'float', bits: 32 } as const;
  const fields = [
    { name: 'b', type: float, isNullable: false },
    { name: 'name', type: { kind: 'utf8' }, isNullable: true },
    { name: 'a', type: float, isNullable: false },
  ] as const;
  const table = tableFromIPC(streamOf(fields, [[b, name, a]]));
  assert.deepEqual([...(table.getChild('a') ?? [])], [1, 3, 5]);
  assert.deepEqual([...(table.getChild('b') ?? [])], [2, NaN, 6]);
  assert.deepEqual([...(table.getChild('name') ?? [])], ['x', null, 'yz']);
  assert.ok(isMissing(name, 1));
});

test('a large record batch comes in parts, with the same values', async () => {
  const rows = 2 ** 17 + 3;
  const elements = Float64Array.from({ length: 2 * rows }, (_, at) => at);
  const bits = new Uint8Array(Math.ceil(rows / 8)).fill(0b10110);
  const flag: CarriedColumn = { type: { kind: 'bool' }, length: rows, data: bits };
  const float = { kind: 'float', bits: 64 } as const;
  const fields = [
    { name: 'a', type: float, isNullable: false },
    { name: 'b', type: float, isNullable: false },
    { name: 'flag', type: flag.type, isNullable: false },
  ] as const;
  const columns = [...fromRowMajor(elements.buffer, 'float64', 2), flag];
  const { batches } = await readAll(streamOf(fields, [columns]));
  assert.ok(batches.length > 2);
  const whole = fields.map((_, at) => concatCarried(batches.map((parts) => parts[at])));
  whole.forEach(({ length, data }, at) => {
    assert.equal(length, rows);
    // The last byte of the booleans has bits that are no row's.
    const bytes = at === 2 ? bits.length - 1 : data.length;
    assert.equal(Buffer.compare(data.subarray(0, bytes), columns[at].data.subarray(0, bytes)), 0);
  });
});
