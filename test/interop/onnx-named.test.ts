/** Models of tables in onnxruntime: an input and an output for each column, by name. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as ort from 'onnxruntime-web/wasm';
import { type Service, startService } from '../service.ts';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const columns = ['age', 'income', 'age_out', 'norma/v0'];
const data = [
  [20, 100, 1, 4],
  [30, 5000, 2, 9],
  [47, 900, 4, 16],
  [61, 40, 8, 25],
];
const city = data.map((_, at) => `city ${at}`);

const normalizers = {
  plain: { method: 'zscore' },
  selected: { method: 'minmax', columns: ['income', 'age'] },
  composed: {
    method: 'column_transformer',
    transformers: [
      { columns: ['income'], normalizer: { method: 'pipeline', steps: [{ method: 'log' }, { method: 'zscore' }] } },
      { columns: ['age_out'], normalizer: 'drop' },
    ],
  },
  whitened: { method: 'whiten', kind: 'pca', n_components: 2 },
};

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function runNamed(model: Uint8Array, given: Record<string, number[]>): Promise<Record<string, number[]>> {
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => [
      name,
      new ort.Tensor('float64', Float64Array.from(given[name]), [given[name].length, 1]),
    ]),
  );
  const outputs = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data: values }]) => [name, Array.from(values as Float64Array)]),
  );
}

const byColumn = (table: { columns: string[]; data: (number | string)[][] }) =>
  Object.fromEntries(table.columns.map((name, at) => [name, table.data.map((row) => row[at] as number)]));

for (const [name, normalizer] of Object.entries(normalizers)) {
  test(`${name}: an input for each column, an output for each that comes out, and the way back`, async () => {
    const table = { columns: [...columns, 'city'], data: data.map((row, at) => [...row, city[at]]) };
    const stored = await service.post(`/v1/normalizers/${name}/versions`, { normalizer, data: table });
    assert.equal(stored.status, 201, JSON.stringify(stored.body));
    const { body } = await service.post(`/v1/normalizers/${name}/transform`, { data: table });
    const { city: _, ...transformed } = byColumn(body.data);
    const outputs = await runNamed(await exported(name, ''), byColumn({ columns, data }));
    assert.equal(new Set([...columns, ...Object.keys(outputs)]).size, columns.length + Object.keys(outputs).length);
    assertClose(Object.values(outputs), Object.values(transformed));
    const back = await runNamed(await exported(name, '&operation=inverse_transform'), transformed);
    const rows = data.map((_, row) => Object.values(transformed).map((values) => values[row]));
    const { body: inverted } = await service.post(`/v1/normalizers/${name}/inverse-transform`, { data: rows });
    const restored = (inverted.data as number[][])[0].map((_, at) => inverted.data.map((row: number[]) => row[at]));
    assertClose(Object.values(back), restored);
  });
}

test('an output is called after its column, whatever the other columns are called', async () => {
  const outputs = await runNamed(await exported('plain', ''), byColumn({ columns, data }));
  assert.deepEqual(Object.keys(outputs), ['age_out_out', 'income_out', 'age_out_out_out', 'norma/v0_out']);
});

async function exported(name: string, query: string): Promise<Uint8Array> {
  const answer = await service.send('GET', `/v1/normalizers/${name}/export?format=onnx${query}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as Uint8Array;
}

function assertClose(found: number[][], expected: number[][]): void {
  assert.equal(found.length, expected.length);
  expected
    .flat()
    .forEach((value, at) => assert.ok(Math.abs(value - found.flat()[at]) <= 1e-9 * Math.max(1, Math.abs(value))));
}
