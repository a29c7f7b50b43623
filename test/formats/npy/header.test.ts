import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Problem, type ProblemCode } from '#errors.ts';
import { type ArrayDtype as Dtype, arrayTypes, itemSize } from '#tensor/dtype.ts';
import { readNpyHeader, writeNpyHeader } from '#formats/npy/header.ts';

/** What fixtures/npy.py records of a file. */
interface Recorded {
  name: string;
  dtype: Dtype;
  bigEndian: boolean;
  fortran: boolean;
  shape: number[];
  dataOffset: number;
  elements: string[];
  saved: boolean;
  base64: string;
}

const dtypes = Object.keys(arrayTypes) as Dtype[];

const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL('../../fixtures/npy/files.json', import.meta.url), 'utf8'),
);

/** The file's element at an index, as Python prints it. */
function printed(file: Uint8Array, index: number, { dtype, bigEndian, dataOffset }: Recorded): string {
  const view = new DataView(file.buffer, file.byteOffset + dataOffset + index * itemSize(dtype));
  const little = !bigEndian;
  const read: Record<Dtype, () => number | bigint | boolean> = {
    bool: () => view.getUint8(0) === 1,
    uint8: () => view.getUint8(0),
    int8: () => view.getInt8(0),
    uint16: () => view.getUint16(0, little),
    int16: () => view.getInt16(0, little),
    uint32: () => view.getUint32(0, little),
    int32: () => view.getInt32(0, little),
    uint64: () => view.getBigUint64(0, little),
    int64: () => view.getBigInt64(0, little),
    float16: () => view.getFloat16(0, little),
    float32: () => view.getFloat32(0, little),
    float64: () => view.getFloat64(0, little),
  };
  return String(read[dtype]());
}

/** Python's text of a number as JavaScript's, rounded as the element is. */
function asPrinted(text: string, dtype: Dtype): string {
  if (dtype === 'bool') return text.toLowerCase();
  if (!dtype.startsWith('float')) return text;
  const value = Number(text.replace('inf', 'Infinity'));
  if (dtype === 'float16') return String(Math.f16round(value));
  return String(dtype === 'float32' ? Math.fround(value) : value);
}

/** A file with this header text and nothing after it. */
function fileOf(text: string, version = 1, length = text.length): Buffer {
  const prefix = Buffer.alloc(version === 1 ? 10 : 12);
  prefix.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) prefix.writeUInt16LE(length, 8);
  else prefix.writeUInt32LE(length, 8);
  return Buffer.concat([prefix, Buffer.from(text, 'latin1')]);
}

function headerText({ descr = "'<f8'", fortran = 'False', shape = '(3,)' }): string {
  return `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;
}

function refuses(bytes: Uint8Array, code: ProblemCode, message = /./): void {
  assert.throws(
    () => readNpyHeader(bytes),
    (error) => error instanceof Problem && error.code === code && message.test(error.message),
  );
}

const badDescrs = ['<f8', "'<f8", '"<f8\'', "u'<f8'", "'\\x3cf8'", '3', 'None', 'True', '(3,)', '{}', ''];
const badFortrans = ['false', 'true', '0', '1', 'None', "'False'", 'Falsee', '(3,)', '[]', ''];
const badShapes = [
  ...['3', '(3)', '(,)', '(3,,)', '(,3)', '(3 4)', '(3,4', '3,)', '[3]', '((3,),)', "('3',)", '(None,)', 'None', ''],
  ...['(-1,)', '(3, -0)', '(3.0,)', '(3.5,)', '(1e3,)', '(0x3,)', '(1_000,)', '(03,)', '(+3,)', '(NaN,)'],
  ...['(9007199254740992,)', '(0, 99999999999999999999)', `(${'9'.repeat(400)},)`],
];

describe('readNpyHeader', () => {
  for (const file of recorded) {
    test(`reads what NumPy reads: ${file.name}`, () => {
      const bytes = Buffer.from(file.base64, 'base64');
      const { dtype, bigEndian, fortran, shape, dataOffset } = file;
      assert.deepEqual(readNpyHeader(bytes), { dtype, bigEndian, fortran, shape, dataOffset });
      const elements = file.elements.map((_, index) => printed(bytes, index, file));
      const expected = file.elements.map((text) => asPrinted(text, dtype));
      assert.deepEqual(elements, expected);
    });
  }

  test('waits for more at every byte of the header, and for none of the data', () => {
    for (const { base64, dataOffset } of recorded) {
      const bytes = Buffer.from(base64, 'base64');
      for (let length = 0; length < dataOffset; length++) assert.equal(readNpyHeader(bytes.subarray(0, length)), null);
      assert.notEqual(readNpyHeader(bytes.subarray(0, dataOffset)), null);
    }
  });

  test('reads a view into a larger buffer', () => {
    const file = Buffer.from(recorded[0].base64, 'base64');
    const larger = Buffer.concat([Buffer.from('xyz'), file]);
    assert.deepEqual(readNpyHeader(larger.subarray(3)), readNpyHeader(file));
  });

  test('refuses another magic and another version at once', () => {
    refuses(Buffer.from('{'), 'broken_body', /NUMPY/);
    refuses(Buffer.from('\x93NUMPX', 'latin1'), 'broken_body', /NUMPY/);
    for (const version of ['\0\0', '\x04\0', '\xff\0', '\x01\x01', '\x02\x01', '\x09']) {
      refuses(Buffer.from(`\x93NUMPY${version}`, 'latin1'), 'broken_body', /version/);
    }
  });

  test('refuses a header that says to be longer than 1 MiB before it comes', () => {
    refuses(fileOf('', 2, 2 ** 20 + 1), 'broken_body', /1048577 bytes/);
    refuses(fileOf('', 3, 2 ** 32 - 1), 'broken_body', /4294967295 bytes/);
    assert.equal(readNpyHeader(fileOf('', 2, 2 ** 20)), null);
  });

  test('refuses a header length that lies', () => {
    const text = headerText({});
    refuses(fileOf(text, 1, 0), 'broken_body');
    for (let length = 0; length < text.length - 2; length++) refuses(fileOf(text, 1, length), 'broken_body');
    refuses(fileOf(`${text}\x01\x02`, 1), 'broken_body');
    refuses(fileOf(`${text}${'\0'.repeat(24)}`, 1, text.length + 24), 'broken_body');
  });

  const broken = [
    '',
    ' ',
    '{}',
    '[]',
    '{,}',
    "{'descr': '<f8'}",
    "{'descr': '<f8', 'fortran_order': False}",
    "{'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,),,}",
    "{'descr': '<f8' 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} x",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}}",
    "x{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': False, 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'extra': 'x'}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'extra': 3}",
    "{'descr: '<f8', 'fortran_order': False, 'shape': (3,)}",
    `{'descr": '<f8', 'fortran_order': False, 'shape': (3,)}`,
    "{descr: '<f8', 'fortran_order': False, 'shape': (3,)}",
    "{'__proto__': '<f8', 'fortran_order': False, 'shape': (3,)}",
    ...badDescrs.map((descr) => headerText({ descr })),
    ...badFortrans.map((fortran) => headerText({ fortran })),
    ...badShapes.map((shape) => headerText({ shape })),
  ];
  for (const text of broken) {
    test(`refuses the header ${text.slice(0, 90).trim()}`, () => {
      refuses(fileOf(text), 'broken_body');
      refuses(fileOf(text, 3), 'broken_body');
    });
  }

  test('refuses a shape with more elements than can be counted, and more than 8 axes', () => {
    refuses(fileOf(headerText({ shape: '(4294967296, 4294967296)' })), 'invalid_data');
    refuses(fileOf(headerText({ shape: '(9007199254740991, 2, 0)' })), 'invalid_data');
    refuses(fileOf(headerText({ shape: `(${'1, '.repeat(9)})` })), 'rank_too_high');
    refuses(fileOf(headerText({ shape: `(${'1, '.repeat(20000)})` })), 'rank_too_high');
  });

  test('names a dtype that is not served, and those that are', () => {
    const numpys = ['<c8', '<c16', '|O', '|S3', '<U5', '|V8', '<M8[ns]', '<m8', '<f16'];
    for (const descr of [...numpys, '<i16', '<f1', '|b2', '<float64', '!f8', '', '<']) {
      refuses(
        fileOf(headerText({ descr: `'${descr}'` })),
        'invalid_data',
        /^Unsupported npy dtype .*; supported: bool, .*, float64\./,
      );
    }
    refuses(fileOf(headerText({ descr: "'<c16'" })), 'invalid_data', /"<c16"/);
    refuses(fileOf(headerText({ descr: "[('a', '<f8'), ('b', '<f8')]" })), 'invalid_data', /structured/);
    refuses(fileOf(headerText({ descr: '['.repeat(60000) })), 'invalid_data', /structured/);
    refuses(fileOf(headerText({ descr: `'${'x'.repeat(60000)}'` })), 'invalid_data', /^.{60,200}$/);
  });

  test('answers a header of 1 MiB of rubbish in no time', () => {
    const start = performance.now();
    for (const text of ["{'", ' ', "{'a", "{'descr': '", "{'shape': (", '{"a" ', '[', '{', "{'descr':"]) {
      refuses(fileOf(text + text.slice(-1).repeat(2 ** 20 - text.length), 2), 'broken_body');
      refuses(fileOf(text.padEnd(2 ** 20), 2), 'broken_body');
    }
    assert.ok(performance.now() - start < 5000);
  });

  test('never throws anything but a Problem', () => {
    const files = recorded.map(({ base64 }) => Buffer.from(base64, 'base64'));
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(200), fc.nat(255), fc.nat(300), (file, at, byte, length) => {
        const bytes = Uint8Array.from(file);
        bytes[at] = byte;
        onlyProblems(bytes);
        onlyProblems(bytes.subarray(0, length));
      }),
      { numRuns: 3000 },
    );
  });
});

function onlyProblems(bytes: Uint8Array): void {
  try {
    const header = readNpyHeader(bytes);
    if (header) assert.ok(header.dataOffset <= bytes.length);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

describe('writeNpyHeader', () => {
  for (const { name, dtype, shape, fortran, dataOffset, base64 } of recorded.filter(({ saved }) => saved)) {
    test(`writes what numpy.save writes: ${name}`, () => {
      const bytes = Buffer.from(base64, 'base64').subarray(0, dataOffset);
      assert.deepEqual(Buffer.from(writeNpyHeader(dtype, shape, fortran)), bytes);
    });
  }

  test('writes what readNpyHeader reads, and ends at a multiple of 64', () => {
    const shapes = fc.array(fc.nat(64), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...dtypes), shapes, fc.boolean(), (dtype, shape, fortran) => {
        const bytes = writeNpyHeader(dtype, shape, fortran);
        assert.equal(bytes.length % 64, 0);
        assert.deepEqual(readNpyHeader(bytes), { dtype, bigEndian: false, fortran, shape, dataOffset: bytes.length });
      }),
    );
  });
});

test('A descr is read as numpy.dtype reads it', () => {
  const read = JSON.parse(readFileSync(new URL('../../fixtures/npy/descrs.json', import.meta.url), 'utf8'));
  for (const [descr, expected] of Object.entries<string | null>(read)) {
    const file = fileOf(`{'descr': '${descr}', 'fortran_order': False, 'shape': (2L, 3L), }`);
    if (expected === null) {
      assert.throws(() => readNpyHeader(file), Problem, descr);
      continue;
    }
    const header = readNpyHeader(file);
    assert.ok(header, descr);
    const { dtype, bigEndian, shape } = header;
    const mark = itemSize(dtype) === 1 ? '|' : bigEndian ? '>' : '<';
    const [, kind, bits] = /^([a-z])[a-z]*(\d*)$/.exec(dtype) ?? [];
    assert.equal(`${mark}${kind}${Number(bits || 8) / 8}`, expected, descr);
    assert.deepEqual(shape, [2, 3]);
  }
});
