/** CSV of NumPy, of Python's csv module and of pandas, and of those who get it wrong. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Problem, type ProblemCode } from '#errors.ts';
import { csvBytes } from '#formats/csv/format-rows.ts';
import { plainCsv } from '#formats/csv/dialect.ts';
import { writeCsvHeader } from '#formats/csv/write-rows.ts';
import type { Floats } from '#formats/encode-block.ts';
import { textOf } from '../json/placed.ts';
import { readCsv } from '../../../src/formats/csv/read.ts';
import { readWith } from '../read-format.ts';

interface Recorded {
  name: string;
  text: string;
  header: boolean | null;
  names: string[] | null;
  shape: number[];
  /** As Python's float.hex writes them. */
  values: string[];
}

const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/csv/files.json', import.meta.url), 'utf8'),
) as Recorded[];

function read(text: string, given: Parameters<typeof readWith>[2] = {}) {
  return readWith(readCsv, Buffer.from(text), given);
}

async function refuses(text: string, code: ProblemCode, message: RegExp, pointer?: string): Promise<void> {
  for (const chunks of text.length < 2 ** 16 ? [[2 ** 16], [3]] : [[2 ** 16]]) {
    await assert.rejects(read(text, { chunks }), (error) => {
      assert.ok(error instanceof Problem, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      if (pointer !== undefined) assert.equal(error.errors[0].pointer, pointer);
      return true;
    });
  }
}

/** `0x1.8p+1`, `-0x0.0p+0`, `nan`, `inf`. */
function fromHex(text: string): number {
  const [, sign, whole, fraction, exponent] = /^(-?)0x([01])\.([0-9a-f]*)p([-+]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));
  const mantissa = Number(`0x${whole}${fraction}`) / 2 ** (4 * fraction.length);
  // Two steps, since 2^-1074 is not reached in one.
  const half = Math.trunc(Number(exponent) / 2);
  return (sign === '-' ? -1 : 1) * mantissa * 2 ** half * 2 ** (Number(exponent) - half);
}

describe('a CSV', () => {
  for (const { name, text, header, names, shape, values } of recorded) {
    test(`of ${name} is read to the last bit`, async () => {
      const options: Record<string, string> = header === null ? {} : { header: String(header) };
      for (const chunks of [[2 ** 16], [1], [5, 90]]) {
        const table = await read(text, { options, chunks });
        assert.deepEqual(table.shape, shape);
        assert.deepEqual(table.columns?.names ?? null, names);
        assert.deepEqual(table.values, values.map(fromHex));
      }
    });
  }

  test('has a header when a cell of its first line is no number', async () => {
    assert.equal((await read('1,2\n3,4\n')).columns, undefined);
    assert.deepEqual((await read('1,b\n3,4\n')).columns?.names, ['1', 'b']);
    assert.equal((await read('nan,\n3,4\n')).columns, undefined);
    assert.deepEqual((await read('a,b')).shape, [0, 2]);
  });

  test('has a header or none as the query or the media type says', async () => {
    assert.deepEqual((await read('1,2\n3,4\n', { options: { header: 'true' } })).columns?.names, ['1', '2']);
    assert.deepEqual((await read('1,2\n3,4\n', { contentType: 'text/csv; header=present' })).shape, [1, 2]);
    assert.deepEqual(
      (await read('1,2\n3,4\n', { contentType: 'text/csv;charset=utf-8; header="absent"' })).shape,
      [2, 2],
    );
    await assert.rejects(read('a,b\n1,2\n', { options: { header: 'false' } }), /Line 1, cell 1: "a" is not a number/);
    await assert.rejects(read('a\n', { options: { header: 'yes' } }), /true or false/);
  });

  test('may begin with a byte order mark or blank lines, and end without a newline or with many', async () => {
    assert.deepEqual(await read('\ufeffa,b\n1,2'), await read('a,b\r\n1,2\r\n'));
    assert.deepEqual((await read('\ufeff1\n2')).values, [1, 2]);
    assert.deepEqual((await read('\n\r\n1,2\n\n3,4\r\n\n\n')).values, [1, 2, 3, 4]);
    const late = await read(`${'\n'.repeat(2 ** 20 + 5)}a\n1\n`);
    assert.deepEqual(late.values, [1]);
    await assert.rejects(read(`${'\n'.repeat(2 ** 20 + 5)}a\n1\nx\n`), /Line 1048584, column "a"/);
  });

  test('reads NaN, infinities and nothing in the spellings of NumPy and pandas', async () => {
    const text = 'nan,NaN,NAN,-nan,inf,-inf,+Inf,Infinity,-INFINITY,,""," ", 1 ,\t2,"3"," -4"\n';
    const { values } = await read(text, { options: { delimiter: ',' } });
    assert.deepEqual(values, [
      ...[NaN, NaN, NaN, NaN, Infinity, -Infinity, Infinity, Infinity, -Infinity, NaN, NaN, NaN],
      ...[1, 2, 3, -4],
    ]);
    assert.deepEqual((await read('1,\n,2\n')).values, [1, NaN, NaN, 2]);
  });

  test('reads numbers as JSON.parse does, and as those who leave out a zero write them', async () => {
    const { values } = await read('5.,.5,+5,-.5e1,1E+2,007,-0,1e-400\n');
    assert.deepEqual(values, [5, 0.5, 5, -5, 100, 7, -0, 0]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), async (all) => {
        const written = all.map((value) => value.toExponential()).join(',');
        assert.deepEqual((await read(written)).values, JSON.parse(`[${written}]`));
      }),
    );
  });

  const noNumbers = [
    ...['x', '0x10', '0b1', '1_000', '1 2', '1;2', '1e', 'e5', '.', '-', '+-1', '1.2.3', '--1', '1e5.5', 'True'],
    ...['infinit', 'nane', '١', '1\u00a02', '1\0', '1"', '"1"2', '$1', '1%', '(1)', '1f', '1n', 'é'],
  ];
  for (const cell of noNumbers) {
    test(`names the line, the column and the cell of ${JSON.stringify(cell)}`, async () => {
      const message = new RegExp(
        `^Line 3, column "b": ${JSON.stringify(cell).replace(/[\\.+$()]/g, '\\$&')} is not a number`,
      );
      await refuses(`a,b\n1,2\n3,${cell}\n`, 'invalid_data', message, '/data/1/1');
    });
  }

  test('names a number beyond a double, and an integer that a double cannot hold', async () => {
    await refuses('1\n1e309\n', 'invalid_data', /^Line 2, cell 1: "1e309" is beyond a double/, '/data/1/0');
    await refuses(`${'9'.repeat(400)}\n`, 'invalid_data', /^Line 1, cell 1: "9{40}…" is beyond a double/);
    for (const text of ['9007199254740993', '-9007199254740993', '+12345678901234567891', `1${'0'.repeat(30)}1`]) {
      await refuses(`a,b\n1,${text}\n`, 'not_exact', /^Line 2, column "b"/, '/data/0/1');
    }
    const { values } = await read('9007199254740992,9007199254740994,9007199254740993.0,18446744073709551616\n');
    assert.deepEqual(values, [2 ** 53, 2 ** 53 + 2, 2 ** 53, 2 ** 64]);
    // 2^69 as JavaScript and Rust write it.
    assert.deepEqual((await read('590295810358705700000,-590295810358705700000\n')).values, [2 ** 69, -(2 ** 69)]);
  });

  test('names a line that has fewer or more cells than the first', async () => {
    await refuses(
      'a,b\n1,2\n3\n',
      'ragged_rows',
      /^Line 3 has 1 cells separated by ",", the first line has 2/,
      '/data/1',
    );
    await refuses(
      '1,2\n\n3,4,5\n',
      'ragged_rows',
      /^Line 3 has 3 cells separated by ",", the first line has 2/,
      '/data/1',
    );
    await refuses('1,2\n3,4,\n', 'ragged_rows', /^Line 2 has 3 cells/);
    await refuses('1,2\n   \n', 'ragged_rows', /^Line 2 has 1 cells/);
    await refuses('a\n1,2\n', 'ragged_rows', /^Line 2 has 2 cells separated by ",", the first line has 1/);
  });

  test('counts lines and rows across pieces', async () => {
    const lines = Array.from({ length: 300_000 }, (_, at) => `${at},${-at}`);
    const { shape } = await read(lines.join('\n'));
    assert.deepEqual(shape, [300_000, 2]);
    lines[299_998] = '1,x';
    await refuses(`a,b\n\n${lines.join('\n')}`, 'invalid_data', /^Line 300001, column "b"/, '/data/299998/1');
    lines[299_998] = '1';
    await refuses(lines.join('\n'), 'ragged_rows', /^Line 299999 has 1/, '/data/299998');
  });

  test('with a line that does not end, too many cells, an open quote or no line is refused', async () => {
    const refusesWhole = (text: string, code: ProblemCode, message: RegExp, limit = 2 ** 28) =>
      assert.rejects(
        read(text, { limit }),
        (error) => error instanceof Problem && error.code === code && message.test(error.message),
      );
    await refusesWhole('1'.repeat(3 * 2 ** 20), 'body_too_large', /longer than 2097152 bytes/, 2 ** 21);
    await refusesWhole(`a\n${'1'.repeat(3 * 2 ** 20)}`, 'body_too_large', /longer than 2097152 bytes/, 2 ** 21);
    await refusesWhole(','.repeat(2 ** 20), 'body_too_large', /1048576 cells/);
    await refusesWhole('a,"b\n1,2\n3,4\n', 'broken_body', /quote in line 1 is never closed/);
    await refusesWhole('', 'broken_body', /no lines/);
    await refusesWhole('\n\r\n\n', 'broken_body', /no lines/);
    await refusesWhole('\ufeff', 'broken_body', /no lines/);
  });

  test('that is not UTF-8 in its header is refused', async () => {
    await assert.rejects(readWith(readCsv, Buffer.from('a,\xff\n1,2\n', 'latin1')), /UTF-8/);
  });

  test('in UTF-16, as Excel writes it, is read', async () => {
    const { columns, values } = await readWith(readCsv, Buffer.from('\ufeffä,b\n1,2\n', 'utf16le'), { chunks: [3] });
    assert.deepEqual(columns?.names, ['ä', 'b']);
    assert.deepEqual(values, [1, 2]);
  });

  test('of any bytes is read or is the client’s fault', async () => {
    const pieces = fc.constantFrom(
      '1',
      '-2.5',
      '"',
      '""',
      ',',
      '\n',
      '\r\n',
      'a',
      ' ',
      'nan',
      'e',
      '\ufeff',
      '\0',
      '9'.repeat(20),
    );
    const texts = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.oneof(texts, fc.string()), fc.integer({ min: 1, max: 9 }), async (text, chunk) => {
        try {
          const { shape, values } = await read(text, { chunks: [chunk] });
          assert.equal(values.length, shape[1] === 0 ? 0 : shape[0] * shape[1]);
        } catch (error) {
          if (!(error instanceof Problem) || error.status >= 500) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('of 10,000 columns is read, and of one row of 100,000', async () => {
    const row = Array.from({ length: 10_000 }, (_, at) => at / 7);
    const names = row.map((_, at) => `column ${at}`);
    const wide = await read(`${csvHeader(names)}${`${row.join(',')}\n`.repeat(3)}`);
    assert.deepEqual(wide.columns?.names, names);
    assert.deepEqual(wide.shape, [3, 10_000]);
    assert.deepEqual(wide.values.slice(10_000, 20_000), row);
    assert.deepEqual((await read('0.5,'.repeat(99_999) + 0.5)).shape, [1, 100_000]);
  });
});

function csvHeader(names: readonly string[]): string {
  return writeCsvHeader(
    names.map((name) => ({ name })),
    plainCsv,
  );
}

function csvText(values: Floats, offset: number, columns: number): string {
  return textOf(values, (numbers) => csvBytes(numbers, offset, columns));
}

describe('CSV that is written', () => {
  test('is read back to the last bit, also where a row goes on in the next block', async () => {
    const values = fc.array(fc.double(), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        values,
        fc.constantFrom(1, 2, 3, 6),
        fc.integer({ min: 0, max: 6 }),
        async (all, columns, cut) => {
          const [first, rest] = [all.slice(0, cut), all.slice(cut)].map((some) => Float64Array.from(some));
          const text = csvText(first, 0, columns) + csvText(rest, cut, columns);
          const table = await read(text, { options: { header: 'false' } });
          assert.deepEqual(table.shape, [6 / columns, columns]);
          assert.deepEqual(table.values, all);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('has float32 in the digits that a float32 needs', () => {
    assert.equal(csvText(Float32Array.of(0.1, -3.4028234663852886e38, 1e-45), 0, 3), '0.1,-3.4028235e+38,1e-45\n');
    assert.equal(csvText(Float16Array.of(0.1), 0, 1), '0.099975586\n');
  });

  test('has no integer that pandas would take for text, and the sign of zero', () => {
    assert.equal(
      csvText(Float64Array.of(2 ** 53 - 1, 2 ** 53, 2 ** 69, -1e300, -0), 0, 1)
        .split('\n')
        .join(' '),
      '9007199254740991 9.007199254740992e+15 5.902958103587057e+20 -1e+300 -0 ',
    );
    assert.equal(csvText(Float64Array.of(NaN, Infinity, -Infinity), 0, 3), 'nan,inf,-inf\n');
  });

  test('keeps any names', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), async (names) => {
        const { columns } = await read(csvHeader(names), { options: { header: 'true', delimiter: ',' } });
        assert.deepEqual(columns?.names, names);
      }),
    );
    assert.equal(csvHeader(['a', 'b c', 'd,e', 'f"g', ' h', '']), 'a,b c,"d,e","f""g"," h",""\n');
  });
});
