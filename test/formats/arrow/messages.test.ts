import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { Problem, type ProblemCode } from '#errors.ts';
import { columnarBatch } from '#formats/arrow/encode-record-batch.ts';
import { type Part, writeFlatbuffer } from '#formats/arrow/flatbuffer-writer.ts';
import { listBatches } from '#formats/arrow/encode-list-batches.ts';
import { readMessage } from '#formats/arrow/decode-message.ts';
import { readRecordBatch } from '#formats/arrow/record-batch.ts';
import { type ArrowTableSchema, readTableSchema } from '#formats/arrow/table-schema.ts';
import { tensorDtype } from '#tables/field.ts';
import { endOfStream, schemaMessage } from '#formats/arrow/encode-messages.ts';

function refuses(read: () => unknown, code: ProblemCode, message: RegExp): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

/** A message of any kind, whatever its parts say. */
function messageOf(headerType: number, header: Part, bodyLength = 0, version = 4): Uint8Array {
  const fields = [{ int16: version }, { int8: headerType }, header, { int64: bodyLength }];
  return writeFlatbuffer({ fields });
}

interface FieldParts {
  name?: string;
  type?: number;
  details?: Part;
  dictionary?: Part;
  children?: Part[];
}

const double: Part = { fields: [{ int16: 2 }] };

function fieldOf({ name = 'x', type = 3, details = double, dictionary, children = [] }: FieldParts = {}): Part {
  return { fields: [{ text: name }, undefined, { int8: type }, details, dictionary, { tables: children }] };
}

function schemaOf(fields: Part[], endianness = 0): ArrowTableSchema {
  const header: Part = { fields: [{ int16: endianness }, { tables: fields }] };
  return readTableSchema(readMessage(messageOf(1, header)).header);
}

function lists(length: number, child: Part, name = 'x'): Part {
  return fieldOf({ name, type: 16, details: { fields: [{ int32: length }] }, children: [child] });
}

function integers(bitWidth: number, name: string, isSigned = 1): Part {
  return fieldOf({ name, type: 2, details: { fields: [{ int32: bitWidth }, { int8: isSigned }] } });
}

describe('an Arrow schema', () => {
  test('of another byte order, without columns, or of too old a version is refused', () => {
    refuses(() => schemaOf([fieldOf()], 1), 'invalid_data', /big-endian/);
    refuses(() => schemaOf([]), 'invalid_data', /no columns/);
    const header: Part = { fields: [undefined, { tables: [fieldOf()] }] };
    refuses(() => readMessage(messageOf(1, header, 0, 2)), 'broken_body', /V3/);
    assert.equal(readMessage(messageOf(1, header, 0, 3)).kind, 'schema');
    refuses(() => readMessage(messageOf(0, header)), 'broken_body', /type 0/);
    refuses(() => readMessage(messageOf(77, header)), 'broken_body', /type 77/);
  });

  test('names the column that no table may have, and its type', () => {
    for (const [type, name] of [
      [12, 'List'],
      [13, 'Struct'],
      [22, 'RunEndEncoded'],
      [99, 'number 99'],
    ] as const) {
      const message = new RegExp(`Column "city" is of the type ${name}\\.`);
      refuses(() => schemaOf([fieldOf(), fieldOf({ name: 'city', type })]), 'invalid_data', message);
    }
    refuses(() => schemaOf([integers(24, 'odd')]), 'broken_body', /"odd" has integers of 24 bits/);
    refuses(() => schemaOf([fieldOf({ details: { fields: [{ int16: 3 }] } })]), 'broken_body', /column "x" says 3/);
  });

  test('gives columns one dtype, the least that holds all of them', () => {
    const dtypeOf = (fields: Part[]) => tensorDtype(schemaOf(fields).fields);
    assert.equal(dtypeOf([integers(16, 'a'), integers(16, 'b')]), 'int16');
    assert.equal(dtypeOf([integers(16, 'a'), integers(16, 'b', 0)]), 'int32');
    assert.equal(dtypeOf([integers(64, 'a', 0)]), 'uint64');
    assert.equal(dtypeOf([fieldOf({ type: 6 })]), 'bool');
  });

  test('takes lists of fixed sizes as the only column, up to rank 8', () => {
    const fixed = (...lengths: number[]) => lengths.map((length) => ({ kind: 'fixed', length }));
    assert.deepEqual(schemaOf([lists(2, lists(3, fieldOf()))]).lists, fixed(2, 3));
    refuses(() => schemaOf([lists(2, fieldOf(), 'v'), fieldOf()]), 'invalid_data', /"v" is of the type FixedSizeList/);
    refuses(() => schemaOf([fieldOf(), lists(2, fieldOf(), 'v')]), 'invalid_data', /"v" is of the type FixedSizeList/);
    refuses(() => schemaOf([lists(0, fieldOf())]), 'invalid_data', /length 0/);
    refuses(() => schemaOf([lists(-1, fieldOf())]), 'invalid_data', /length -1/);
    refuses(() => schemaOf([lists(2, fieldOf({ type: 5 }), 'v')]), 'invalid_data', /"v" is lists of utf8/);
    let nested = fieldOf();
    for (let rank = 2; rank <= 8; rank++) nested = lists(1, nested);
    assert.equal(schemaOf([nested]).lists?.length, 7);
    refuses(() => schemaOf([lists(1, nested)]), 'rank_too_high', /nested deeper than 7/);
    const childless = fieldOf({ type: 16, details: { fields: [{ int32: 2 }] } });
    refuses(() => schemaOf([childless]), 'broken_body', /lists of 0 kinds of values/);
  });

  test('that lacks the details of a type, or whose vectors are longer than it, is broken', () => {
    const without: Part = { fields: [{ text: 'x' }, undefined, { int8: 2 }] };
    refuses(() => schemaOf([without]), 'broken_body', /integers of 0 bits/);
    const metadata = messageOf(1, { fields: [undefined, { tables: [fieldOf()] }] });
    for (let at = 0; at + 4 <= metadata.length; at += 4) {
      const lying = metadata.slice();
      new DataView(lying.buffer).setUint32(at, 0x7fffffff, true);
      try {
        readTableSchema(readMessage(lying).header);
      } catch (error) {
        assert.ok(error instanceof Problem, String(error));
      }
    }
  });

  test('whose columns share one long name is refused before the names are read', () => {
    const metadata = messageOf(1, { fields: [undefined, { tables: Array.from({ length: 40_000 }, () => fieldOf()) }] });
    const long = 2 ** 20;
    const bomb = new Uint8Array(metadata.length + long);
    bomb.set(metadata);
    const view = new DataView(bomb.buffer);
    // Every name is found by its own text, "x", and made to say that it goes on.
    for (let at = 0; at + 8 <= metadata.length; at += 4) {
      if (view.getUint32(at, true) === 1 && bomb[at + 4] === 120 && bomb[at + 5] === 0) view.setUint32(at, long, true);
    }
    refuses(() => readTableSchema(readMessage(bomb).header), 'broken_body', /names/);
  });

  test('of more columns than are read is refused, though they are all the same few bytes', () => {
    const length = 2 ** 18 + 1;
    const metadata = messageOf(1, { fields: [undefined, { tables: [fieldOf()] }] });
    const bomb = new Uint8Array(metadata.length + 4 * length);
    bomb.set(metadata);
    const view = new DataView(bomb.buffer);
    const vector = metadata.findIndex((_, at) => at % 4 === 0 && at > 60 && view.getUint32(at, true) === 1);
    view.setUint32(vector, length, true);
    refuses(() => readTableSchema(readMessage(bomb).header), 'body_too_large', /262144 columns/);
  });
});

describe('a record batch', () => {
  function batchOf({
    rows = 2,
    buffers = [0, 0, 0, 16, 16, 0, 16, 16],
    bodyLength = 32,
    compression = undefined as Part | undefined,
  }) {
    const nodes = [2, 0, 2, 0];
    const header: Part = {
      fields: [{ int64: rows }, { structs: nodes, words: 2 }, { structs: buffers, words: 2 }, compression],
    };
    return readRecordBatch(readMessage(messageOf(3, header, bodyLength)).header, bodyLength);
  }

  test('tells how its buffers are compressed', () => {
    assert.equal(batchOf({}).codec, undefined);
    assert.equal(batchOf({ compression: { fields: [] } }).codec, 'lz4');
    assert.equal(batchOf({ compression: { fields: [{ int8: 1 }] } }).codec, 'zstd');
    refuses(() => batchOf({ compression: { fields: [{ int8: 2 }] } }), 'broken_body', /codec number 2/);
  });

  test('whose lengths lie is broken', () => {
    for (const rows of [-1, 2 ** 62, -(2 ** 62)]) refuses(() => batchOf({ rows }), 'broken_body', /rows/);
    for (const offset of [-8, 17, 24, 32, 2 ** 40, 2 ** 62]) {
      refuses(() => batchOf({ buffers: [0, 0, 0, 16, 16, 0, offset, 16] }), 'broken_body', /32 bytes/);
    }
    for (const length of [-1, 17, 2 ** 62]) {
      refuses(() => batchOf({ buffers: [0, 0, 0, 16, 16, 0, 16, length] }), 'broken_body', /32 bytes/);
    }
  });

  test('whose columns are all the same bytes is no small way to ask for much work', () => {
    const overlapping = [0, 0, 0, 16, 0, 0, 0, 16];
    refuses(() => batchOf({ buffers: overlapping, bodyLength: 16 }), 'broken_body', /overlap/);
  });
});

describe('what is written', () => {
  const floats = { float16: Float16Array, float32: Float32Array, float64: Float64Array };

  test('apache-arrow reads, in every dtype', () => {
    for (const dtype of ['float16', 'float32', 'float64'] as const) {
      const names = ['a', '', 'größe'];
      const values = floats[dtype].of(1, 2, 3, -0.5, NaN, Infinity, 0, 65504, -0);
      const table = tableFromIPC([schemaMessage({ names, dtype }), columnarBatch(values, dtype, 3), endOfStream]);
      assert.deepEqual(
        table.schema.fields.map(({ name }) => name),
        names,
      );
      assert.deepEqual([...table.getChildAt(1)!], [2, NaN, 65504]);
      assert.deepEqual([...table.getChildAt(2)!], [3, Infinity, -0]);
    }
  });

  test('apache-arrow reads lists in lists, of whole rows and of rows in pieces', () => {
    const table = { names: ['v'], dtype: 'float32', listShape: [2, 3] } as const;
    const bytes = new Uint8Array(Float32Array.from({ length: 30 }, (_, at) => at).buffer);
    for (const cut of [24, 48, 120, 8, 4]) {
      const batchesOf = listBatches(table);
      const pieces = Array.from({ length: Math.ceil(120 / cut) }, (_, at) => bytes.subarray(at * cut, (at + 1) * cut));
      const stream = [schemaMessage(table), ...pieces.flatMap(batchesOf), endOfStream];
      const read = tableFromIPC(Buffer.concat(stream));
      assert.equal(read.numRows, 5);
      assert.equal(String(read.get(4)), '{"v": [[24,25,26],[27,28,29]]}');
    }
  });

  test('is aligned to 8 bytes, message by message', () => {
    const schema = schemaMessage({ names: ['a', 'b', 'c'], dtype: 'float16' });
    const batch = columnarBatch(Float16Array.of(1, 2, 3), 'float16', 3);
    for (const message of [schema, batch]) {
      assert.equal(message.length % 8, 0);
      assert.equal(new DataView(message.buffer).getUint32(4, true) % 8, 0);
    }
  });
});
