/** The columns of a table in the inference protocol, as MLServer's pandas codec and tritonclient send them (inference_tables.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../../service.ts';
import { bytesOf, elementsOf } from '../../../formats/arrays.ts';
import { exchange, jsonOf, type Reply } from '../../exchange.ts';
import { dtypeOf, infer, isProblem } from './wire.ts';

const recorded = JSON.parse(readFileSync(new URL('../../../fixtures/inference_tables.json', import.meta.url), 'utf8'));
const { expected, cities } = recorded;

let service: Service;
before(async () => {
  service = await startService();
  await store('people', { method: 'zscore', nan_policy: 'omit' }, recorded.fit);
  await store('salaries', { method: 'minmax', nan_policy: 'omit', columns: ['salary'] }, recorded.fit);
  await store('plain', { method: 'minmax' }, [
    [0, 0],
    [10, 20],
  ]);
});
after(() => service.close());

async function store(name: string, normalizer: object, data: unknown): Promise<void> {
  const stored = await service.post(`/v1/normalizers/${name}/versions`, { normalizer, data });
  assert.equal(stored.status, 201, JSON.stringify(stored.body));
}

interface Output {
  name: string;
  datatype: string;
  shape: number[];
  parameters?: Record<string, unknown>;
  data?: unknown[];
  values: unknown[];
}

/** The outputs of an answer, those that follow the JSON as bytes among them. */
function outputsOf(reply: Reply): Map<string, Output> {
  assert.equal(reply.status, 200, reply.body.toString());
  const header = reply.headers['inference-header-content-length'];
  const end = header === undefined ? reply.body.length : Number(header);
  let at = end;
  const outputs = JSON.parse(reply.body.toString('utf8', 0, end)).outputs as Output[];
  for (const output of outputs) {
    const size = output.parameters?.binary_data_size;
    if (typeof size !== 'number') {
      output.values = output.data ?? [];
      continue;
    }
    const bytes = reply.body.subarray(at, at + size);
    output.values = output.datatype === 'BYTES' ? textsIn(bytes) : elementsOf(dtypeOf(output.datatype), bytes);
    at += size;
  }
  assert.equal(at, reply.body.length);
  return new Map(outputs.map((output) => [output.name, output]));
}

function textsIn(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32LE(at)) {
    texts.push(bytes.toString('utf8', at + 4, at + 4 + bytes.readUInt32LE(at)));
  }
  return texts;
}

function isNear({ values, datatype }: Output, wanted: (number | null)[], name: string): void {
  const tolerance = datatype === 'FP64' ? 1e-12 : 2e-6;
  assert.equal(values.length, wanted.length);
  wanted.forEach((value, row) => {
    const got = values[row] as number | null;
    if (value === null) assert.ok(got === null || Number.isNaN(got), `${name} at ${row}: ${got}`);
    else assert.ok(got !== null && Math.abs(got - value) <= tolerance * 10, `${name} at ${row}: ${got}, not ${value}`);
  });
}

async function post(model: string, recordedBody: { body: string; headerLength: number | null }): Promise<Reply> {
  const { body, headerLength } = recordedBody;
  return exchange({
    url: `${service.url}/v2/models/${model}/infer`,
    headers: headerLength === null ? {} : { 'inference-header-content-length': String(headerLength) },
    pieces: [Buffer.from(body, 'base64')],
  });
}

function checkAll(outputs: Map<string, Output>): void {
  for (const name of ['age', 'salary', 'member']) isNear(outputs.get(name)!, expected[name], name);
}

describe("MLServer's pandas codec", () => {
  test('gets each column back by its name, in its own order, with its shape', async () => {
    const reply = await infer(service, 'people', recorded.codec);
    const outputs = outputsOf(reply);
    assert.deepEqual([...outputs.keys()], ['city', 'salary', 'age', 'member']);
    checkAll(outputs);
    assert.deepEqual(
      [...outputs.values()].map(({ datatype, shape }) => [datatype, shape]),
      [
        ['BYTES', [3, 1]],
        ['FP64', [3, 1]],
        ['FP32', [3, 1]],
        ['FP32', [3, 1]],
      ],
    );
    const city = outputs.get('city')!;
    assert.deepEqual([city.values, city.parameters], [cities, { content_type: 'str' }]);
    assert.equal(jsonOf(reply).parameters.content_type, 'pd');
    assert.match(jsonOf(reply).parameters.warnings, /passed_through;count=1/);
  });

  test('may leave carried text out', async () => {
    const outputs = outputsOf(await infer(service, 'people', recorded.codecWithoutText));
    assert.deepEqual([...outputs.keys()], ['salary', 'age', 'member']);
    checkAll(outputs);
  });

  test('gives FP64 for integers where that is asked for', async () => {
    const request = { ...recorded.codec, parameters: { content_type: 'pd', output_dtype: 'FP64' } };
    const outputs = outputsOf(await infer(service, 'people', request));
    assert.equal(outputs.get('age')?.datatype, 'FP64');
    checkAll(outputs);
  });

  test('takes its columns back by the inverse, and part of them', async () => {
    const inputs = ['salary', 'age'].map((name) => ({
      name,
      shape: [3, 1],
      datatype: 'FP64',
      data: expected[name],
    }));
    const parameters = { operation: 'inverse_transform' };
    const back = outputsOf(await infer(service, 'people', { inputs, parameters }));
    isNear(back.get('age')!, [18, 90, 33], 'age');
    isNear(back.get('salary')!, [1500.25, null, -3], 'salary');
    const alone = outputsOf(await infer(service, 'people', { inputs: inputs.slice(1), parameters }));
    assert.deepEqual([...alone.keys()], ['age']);
    isNear(alone.get('age')!, [18, 90, 33], 'age');
  });

  test('carries unselected numbers as they are, integers beyond 2^53 included', async () => {
    const id = '9007199254740993';
    const request = `{"inputs":[{"name":"id","shape":[1],"datatype":"INT64","data":[${id}]},{"name":"salary","shape":[1],"datatype":"FP64","data":[2000]}]}`;
    const reply = await infer(service, 'salaries', request);
    const outputs = outputsOf(reply);
    assert.ok(reply.body.toString().includes(`"data":[${id}]`), reply.body.toString());
    isNear(outputs.get('salary')!, [(2000 - 1000.5) / (3000.25 - 1000.5)], 'salary');
  });
});

describe('tritonclient', () => {
  for (const [name, shape] of [
    ['tritonBinary', [3, 1]],
    ['tritonFlat', [3]],
  ] as const) {
    test(`gets bytes for bytes: ${name}`, async () => {
      const reply = await post('people', recorded[name]);
      const outputs = outputsOf(reply);
      assert.deepEqual([...outputs.keys()], ['salary', 'city', 'age', 'member']);
      checkAll(outputs);
      for (const output of outputs.values()) assert.deepEqual(output.shape, shape);
      assert.deepEqual(outputs.get('city')?.values, cities);
      assert.equal(outputs.get('salary')?.datatype, 'FP32');
      assert.equal(reply.headers['content-length'], String(reply.body.length));
    });
  }

  test('asks for one output in JSON, with bare NaN in what it sends', async () => {
    const outputs = outputsOf(await post('people', recorded.tritonJson));
    assert.deepEqual([...outputs.keys()], ['age']);
    isNear(outputs.get('age')!, expected.age, 'age');
  });

  test('asks for two of them as bytes, in its own order', async () => {
    const outputs = outputsOf(await post('people', recorded.tritonTwo));
    assert.deepEqual([...outputs.keys()], ['salary', 'city']);
    isNear(outputs.get('salary')!, expected.salary, 'salary');
  });
});

describe('one tensor of all columns of numbers', () => {
  test('is accepted as well, in the order of the fit', async () => {
    const rows = [
      [18, 1500.25, 0],
      [90, NaN, 1],
      [33, -3, 0],
    ];
    const [input, bytes] = [{ name: 'input', shape: [3, 3], datatype: 'FP64' }, bytesOf('float64', rows.flat())];
    const request = { inputs: [{ ...input, parameters: { binary_data_size: bytes.length } }] };
    const reply = await infer(service, 'people', request, bytes);
    const [output] = jsonOf(reply).outputs;
    assert.deepEqual([output.name, output.shape], ['output', [3, 3]]);
    const wanted = rows.flatMap((_, row) => ['age', 'salary', 'member'].map((name) => expected[name][row]));
    isNear({ ...output, values: output.data }, wanted, 'input');
  });
});

describe('several inputs of a model without names', () => {
  test('go by position, with a warning', async () => {
    const inputs = [
      { name: 'a', shape: [1], datatype: 'FP64', data: [5] },
      { name: 'b', shape: [1], datatype: 'FP64', data: [5] },
    ];
    const reply = await infer(service, 'plain', { inputs });
    const outputs = outputsOf(reply);
    assert.deepEqual([outputs.get('a')?.values, outputs.get('b')?.values], [[0.5], [0.25]]);
    assert.match(jsonOf(reply).parameters.warnings, /names_not_checked/);
  });
});

describe('metadata and configuration', () => {
  test('list one input and one output per column; what passes through is text and optional', async () => {
    const metadata: any = await (await fetch(`${service.url}/v2/models/people`)).json();
    const wanted = (datatype: string) => [
      { name: 'age', datatype, shape: [-1, 1] },
      { name: 'salary', datatype, shape: [-1, 1] },
      { name: 'member', datatype, shape: [-1, 1] },
      { name: 'city', datatype: 'BYTES', shape: [-1, 1] },
    ];
    assert.deepEqual([metadata.inputs, metadata.outputs], [wanted('FP64'), wanted('FP64')]);
    const config: any = await (await fetch(`${service.url}/v2/models/salaries/config`)).json();
    assert.deepEqual(
      config.input.map(({ name, optional = false }: { name: string; optional?: boolean }) => [name, optional]),
      [
        ['age', true],
        ['salary', false],
        ['member', true],
        ['city', true],
      ],
    );
    assert.equal(config.input[3].data_type, 'TYPE_STRING');
  });
});

test('the index that pandas wrote is no input', async () => {
  await store('indexed', { method: 'minmax' }, { columns: ['a'], index: ['x', 'y'], data: [[1], [3]] });
  const metadata: any = await (await fetch(`${service.url}/v2/models/indexed`)).json();
  assert.deepEqual(
    metadata.inputs.map(({ name }: { name: string }) => name),
    ['a'],
  );
});

describe('columns that do not fit', () => {
  const column = (name: string, more: object = {}) => ({ name, shape: [2], datatype: 'FP64', data: [1, 2], ...more });
  const all = ['age', 'salary', 'member'].map((name) => column(name));

  const table: [title: string, request: object, status: number, code: string, error: RegExp, pointer?: string][] = [
    [
      'a missing one is named, with the nearest',
      recorded.codecMissing,
      422,
      'missing_columns',
      /"Salary_" is near "salary"/,
    ],
    ['one alone', { inputs: [column('agee')] }, 422, 'missing_columns', /"agee" is near "age"/],
    [
      'an unknown one, where that is an error',
      { inputs: [...all, column('height')], parameters: { extra_columns: 'error' } },
      422,
      'unknown_columns',
      /"height"/,
    ],
    ['two of one name', { inputs: [...all, column('age')] }, 422, 'duplicate_columns', /"age"/],
    [
      'numbers that are text now',
      { inputs: [...all.slice(1), column('age', { datatype: 'BYTES', data: ['20', 'old'] })] },
      422,
      'not_numeric',
      /"age".*row 0 is "20"/,
    ],
    [
      'another number of rows',
      { inputs: [...all.slice(1), column('age', { shape: [1], data: [1] })] },
      400,
      'shape_mismatch',
      /"age" has 1 rows, and "salary" has 2/,
      '/inputs/2/shape',
    ],
    [
      'a matrix among the columns',
      { inputs: [...all.slice(1), column('age', { shape: [2, 2], data: [1, 2, 3, 4] })] },
      400,
      'shape_mismatch',
      /\[n\] or \[n, 1\]/,
      '/inputs/2/shape',
    ],
    [
      'an infinity, at its input and row',
      { inputs: [...all.slice(1), column('age', { data: [1, 'Infinity'] })] },
      422,
      'not_finite',
      /"age"/,
      '/inputs/2/data/1',
    ],
    [
      'text of another length',
      { inputs: [...all, column('city', { datatype: 'BYTES', data: ['a'] })] },
      400,
      'invalid_data',
      /1 elements, but the shape has 2/,
      '/inputs/3/data',
    ],
    [
      'numbers for text',
      { inputs: [...all, column('city', { datatype: 'BYTES' })] },
      400,
      'invalid_data',
      /a text, or null/,
      '/inputs/3/data/0',
    ],
    [
      'an output that there is none of',
      { inputs: all, outputs: [{ name: 'ag' }] },
      400,
      'invalid_request',
      /no output "ag"; did you mean "age"/,
      '/outputs/0/name',
    ],
  ];

  for (const [title, request, status, code, error, pointer] of table) {
    test(title, async () => isProblem(await infer(service, 'people', request), status, code, error, pointer));
  }

  test('missing ones may be ignored, and unknown ones dropped', async () => {
    const parameters = { missing_columns: 'ignore', extra_columns: 'drop' };
    const outputs = outputsOf(
      await infer(service, 'people', { inputs: [column('height'), column('age')], parameters }),
    );
    assert.deepEqual([...outputs.keys()], ['age']);
  });

  test('elements of BYTES that are cut short are told', async () => {
    const text = Buffer.from([5, 0, 0, 0, 65, 66]);
    const city = { name: 'city', shape: [2], datatype: 'BYTES', parameters: { binary_data_size: text.length } };
    isProblem(
      await infer(service, 'people', { inputs: [...all, city] }, text),
      400,
      'broken_body',
      /2 elements.*here are 0/,
      '/inputs/3/parameters/binary_data_size',
    );
  });

  test('a narrower datatype tells what became infinite', async () => {
    const inputs = [...all.slice(1), column('age', { datatype: 'INT64' })].map((one, at) =>
      at === 0 ? { ...one, data: [1e300, 1] } : one,
    );
    const parameters = { output_dtype: 'FP32', binary_data_output: true };
    const reply = await infer(service, 'people', { inputs, parameters });
    assert.equal(outputsOf(reply).get('salary')?.values[0], Infinity);
    assert.match(String(reply.headers['norma-warnings']), /overflow;count=1/);
  });
});

test('many rows come back as they went in, larger than what is worked on at once', async () => {
  const rows = 120_000;
  const numbers = Array.from({ length: rows }, (_, row) => row % 1000);
  const inputs = [
    { name: 'city', shape: [rows], datatype: 'BYTES', data: numbers.map((number) => `city ${number}`) },
    ...['member', 'salary', 'age'].map((name) => ({ name, shape: [rows], datatype: 'FP64', data: numbers })),
  ];
  const outputs = outputsOf(await infer(service, 'people', { inputs }));
  assert.deepEqual(outputs.get('city')?.values, inputs[0].data);
  const [age, again] = [outputs.get('age')!.values, outputs.get('age')!.values.slice(1000, 2000)];
  assert.deepEqual(age.slice(0, 1000), again);
  assert.ok(Math.abs((age[20] as number) - (20 - 36.5) / Math.sqrt(169.25)) < 1e-9);
});
