import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type CarriedColumn, isMissing } from '#tensor/carried.ts';
import { decodeUtf16 } from '#formats/csv/decode-utf16.ts';
import { lastRecordEnd } from '#formats/csv/dialect.ts';
import { type CsvRows, parseRows } from '#formats/csv/read-rows.ts';
import { type CsvHead, type CsvOptions, readCsvHead } from '#formats/csv/read-head.ts';
import { fromHex } from '../../tables/from-hex.ts';

interface Read {
  head: CsvHead;
  rows: CsvRows;
  /** What each column holds. */
  columns: (number | string | null)[][];
}

function read(text: string | Uint8Array, options: CsvOptions = {}): Read {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const head = readCsvHead(bytes, options) ?? assert.fail('all lines are blank');
  const indexes = head.columns.map((_, at) => at);
  const isText = (at: number) => head.columns[at].kind === 'other';
  const numbers = indexes.filter((at) => !isText(at));
  const carried = indexes.filter(isText);
  const booleans = indexes.filter((at) => head.columns[at].kind === 'boolean');
  const plan = { dialect: head.dialect, columns: indexes.length, numbers, carried, booleans };
  const rows = parseRows(bytes.subarray(head.dataOffset), plan);
  const columns = indexes.map((at) =>
    Array.from({ length: rows.rows }, (_, row) =>
      isText(at)
        ? textAt(rows.carried[carried.indexOf(at)], row)
        : rows.values[row * numbers.length + numbers.indexOf(at)],
    ),
  );
  return { head, rows, columns };
}

function textAt(column: CarriedColumn, row: number): string | null {
  const { offsets, data } = column;
  assert(offsets);
  return isMissing(column, row) ? null : Buffer.from(data.subarray(offsets[row], offsets[row + 1])).toString('utf8');
}

interface Recorded {
  name: string;
  base64: string;
  columns: { name: string; kind: string; isIndex: boolean; values: (string | null)[] }[];
}

const tables: Recorded[] = JSON.parse(readFileSync('test/fixtures/tables/csv.json', 'utf8'));

describe('a table that pandas wrote is read as pandas reads it', () => {
  for (const { name, base64, columns: expected } of tables) {
    test(name, async () => {
      const pieces: Uint8Array[] = [];
      for await (const piece of decodeUtf16([Buffer.from(base64, 'base64')])) pieces.push(piece);
      const { head, rows, columns } = read(Buffer.concat(pieces));
      assert.equal(rows.fault, undefined);
      assert.deepEqual(
        head.columns.map(({ name: column, kind, isIndex = false }) => ({ name: column, kind, isIndex })),
        expected.map(({ name: column, kind, isIndex }) => ({ name: column, kind, isIndex })),
      );
      expected.forEach(({ kind, values }, at) => {
        const right = kind === 'other' ? values : values.map((value) => fromHex(value ?? assert.fail()));
        assert.deepEqual(columns[at], right, head.columns[at].name);
      });
    });
  }
});

test('UTF-16 is read whatever its pieces are', async () => {
  const text = 'a;b\n1;ö\u{1f600}\n';
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  const pieces: Uint8Array[] = [];
  for await (const piece of decodeUtf16(Array.from(bytes, (byte) => Uint8Array.of(byte)))) pieces.push(piece);
  assert.equal(Buffer.concat(pieces).toString('utf8'), text);
});

test('Numbers of any digits are read as JavaScript reads them', () => {
  const decimals = fc
    .tuple(fc.boolean(), fc.stringMatching(/^\d{0,18}(\.\d{0,18})?(e[-+]?\d{1,2})?$/))
    .map(([isNegative, digits]) => (isNegative ? '-' : '') + digits);
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
  fc.assert(
    fc.property(fc.array(fc.oneof(decimals, doubles), { minLength: 1 }), (cells) => {
      const isExact = (cell: string) =>
        /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(cell) && (Math.abs(Number(cell)) <= 2 ** 53 || /[.e]/.test(cell));
      const exact = ['1', ...cells.filter(isExact)];
      const { columns, rows } = read(exact.map((cell) => `${cell},1\n`).join(''), { header: false, delimiter: ',' });
      assert.equal(rows.fault, undefined);
      assert.deepEqual(columns[0], exact.map(Number));
    }),
    {
      examples: [
        [['', '.', '-', '-.5', '5.', '0.1', '-0', '123456789012345.6', '1234567890123456', '0.30000000000000004']],
      ],
    },
  );
});

test('Any texts come back as the CSV had them, quoted or not', () => {
  const cell = fc
    .string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'ö', ';'), minLength: 1, maxLength: 6 })
    .filter((one) => one.trim() !== '');
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }), (rows) => {
      const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
      const lines = rows.map(([one, two], at) => `${quoted(one)},${at},${quoted(two)}\n`);
      const { columns } = read(`x,n,y\n${lines.join('')}`, { delimiter: ',' });
      assert.deepEqual(columns, [rows.map(([one]) => one), rows.map((_, at) => at), rows.map(([, two]) => two)]);
    }),
  );
});

test('Lines are cut where a record ends, and nowhere else', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '1', '"', ',', '\n', '\r\n', '""', '"a\nb",'), maxLength: 40 });
  fc.assert(
    fc.property(text, fc.nat(60), (whole, cut) => {
      const bytes = Buffer.from(whole);
      const plan = { dialect: { delimiter: 44, decimal: 46 }, columns: 2, numbers: [], carried: [0, 1], booleans: [] };
      const end = lastRecordEnd(bytes.subarray(0, cut), 44);
      assert.ok(end <= cut && (end === 0 || /[\r\n]/.test(whole[end - 1])));
      const pieces = [bytes.subarray(0, end), bytes.subarray(end)].map((piece) => parseRows(piece, plan));
      const all = parseRows(bytes, plan);
      const [first, second] = pieces;
      if (first.fault) assert.deepEqual(first.fault, all.fault);
      else assert.deepEqual([first.rows + second.rows, first.lines + second.lines], [all.rows, all.lines]);
    }),
    { numRuns: 1000 },
  );
});

describe('the first line', () => {
  const codes = (text: string, options?: CsvOptions) => read(text, options).head.warnings.map(({ code }) => code);

  test('of numbers and words for what is missing is data', () => {
    assert.deepEqual(read('1,NA\n2,3\n4,5\n').columns, [
      [1, 2, 4],
      [NaN, 3, 5],
    ]);
    assert.deepEqual(codes('1,NA\n2,3\n'), []);
  });

  test('of names with a number among them is a header, and that is told', () => {
    assert.deepEqual(codes('city,2024\nOslo,3\n'), ['header_guessed']);
    assert.deepEqual(codes('city,2024\nOslo,3\n', { header: true }), []);
    assert.deepEqual(codes('city,value\nOslo,3\n'), []);
  });

  test('0, 1, 2, … is kept as data, and that is told', () => {
    const { head, columns } = read('0,1\n10,20\n30,40\n');
    assert.deepEqual(
      [head.hasHeader, columns],
      [
        false,
        [
          [0, 10, 30],
          [1, 20, 40],
        ],
      ],
    );
    assert.deepEqual(codes('0,1\n10,20\n'), ['header_guessed']);
    assert.deepEqual(
      read('0,1\n10,20\n', { header: true }).head.columns.map(({ name }) => name),
      ['0', '1'],
    );
    assert.deepEqual(codes('0,1\n10,20\n', { header: false }), []);
  });

  test('may be the only one', () => {
    const { head, rows } = read('a,b');
    assert.deepEqual(
      [head.columns.map(({ name, kind }) => `${name} ${kind}`), rows.rows],
      [['a number', 'b number'], 0],
    );
    assert.equal(readCsvHead(Buffer.from('\n\r\n')), undefined);
  });
});

describe('the delimiter', () => {
  const delimiterOf = (text: string, options?: CsvOptions) =>
    String.fromCharCode(read(text, options).head.dialect.delimiter);

  test('is what cuts all first lines into as many cells', () => {
    assert.equal(delimiterOf('a;b\n1,5;2,5\n3,5;4,5\n'), ';');
    assert.equal(delimiterOf('tags,n\nx;y,1\nz,2\n'), ',');
    assert.equal(delimiterOf('"a;b",c\n1,2\n'), ',');
    assert.equal(delimiterOf('a\n1\n'), ',');
    assert.equal(delimiterOf('a b|c\n1|2\n'), '|');
  });

  test('may be named, a tab as \\t, and cannot be the decimal mark', () => {
    assert.equal(delimiterOf('a:b\n1:2\n', { delimiter: ':' }), ':');
    assert.equal(delimiterOf('a\tb\n1\t2\n', { delimiter: '\\t' }), '\t');
    assert.throws(() => read('a\n1\n', { delimiter: '' }), /one character/);
    assert.throws(() => read('a,b\n1,2\n', { delimiter: ',', decimal: ',' }), /comma cannot both/);
  });

  test('is told where a line does not have its cells', () => {
    const { fault } = read('a;b\n1;2\n3;4;5\n').rows;
    assert.deepEqual(fault, { code: 'ragged_rows', detail: 'has 3 cells separated by ";", the first line has 2.' });
    assert.equal(read('a,b,c\n1,2\n').rows.fault?.detail, 'has 2 cells separated by ",", the first line has 3.');
  });
});

describe('a decimal comma', () => {
  test('is found where it cannot be anything else, and that is told', () => {
    const { head, columns } = read('a;b\n1,5;2\n-0,25;1000\n');
    assert.deepEqual(columns, [
      [1.5, -0.25],
      [2, 1000],
    ]);
    assert.deepEqual(
      head.warnings.map(({ code }) => code),
      ['decimal_guessed'],
    );
  });

  test('is not guessed where it may separate thousands, or where there are points', () => {
    assert.equal(read('a;b\n1,234;5\n2,345;6\n').head.columns[0].kind, 'other');
    assert.equal(read('a;b\n1,5;2.5\n').head.columns[0].kind, 'other');
  });

  test('may be named', () => {
    assert.deepEqual(read('a;b\n1,234;5\n', { decimal: ',' }).columns, [[1.234], [5]]);
    assert.deepEqual(read('a\n1,5\n,25\n2e3\n', { decimal: ',' }).columns, [[1.5, 0.25, 2000]]);
  });
});

describe('what is wrong', () => {
  const faultOf = (text: string) => read(text).rows.fault;

  test('is told with the whole cell and its column', () => {
    const { code, column, detail } = faultOf('a,b\n1,2\n3,"1,234.5"\n') ?? assert.fail();
    assert.deepEqual([code, column], ['invalid_data', 1]);
    assert.equal(detail, '"\\"1,234.5\\"" is not a number (cells are separated by ",").');
    assert.equal(faultOf('a,b\n1,2\n3,4 kg\n')?.detail, '"4 kg" is not a number (cells are separated by ",").');
    assert.equal(faultOf('a,b\n1,2\n3,1e999\n')?.detail, '"1e999" is beyond a double.');
    assert.equal(faultOf('a\n9007199254740993\n')?.code, 'not_exact');
    assert.equal(faultOf('a,b\n1,2\n3,True\n')?.detail, '"True" is not a number (cells are separated by ",").');
  });

  test('is in the line that is counted, line ends within quotes too', () => {
    const { lines, rows, fault } = read('n,t\n1,"a\nb"\n\n2,c\nx,d\n').rows;
    assert.deepEqual([lines, rows, fault?.column], [5, 2, 0]);
    const { code, detail } = faultOf('n,t\n1,a\n2,"b\n') ?? assert.fail();
    assert.deepEqual([code, detail], ['broken_body', 'has a quote that is never closed.']);
  });

  test('comes after the first rows only where those are numbers', () => {
    const late = `a,b\n${'1,x\n'.repeat(999)}1,2\n1,y\n`;
    assert.deepEqual(
      read(late).head.columns.map(({ kind }) => kind),
      ['number', 'number'],
    );
    const later = `a,b\n${'1,x\n'.repeat(1000)}1,2\n`;
    assert.deepEqual(
      read(later).head.columns.map(({ kind }) => kind),
      ['number', 'other'],
    );
  });
});
