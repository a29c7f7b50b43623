/** Whitening through HTTP: other columns come out than go in, blocks and parts, and what cannot be whitened. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seeded } from '../seeded.ts';
import { type Service, startService } from '../service.ts';
import { npyOf, readNpy } from '../formats/arrays.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const csv = { 'content-type': 'text/csv', accept: 'text/csv' };
const npy = { 'content-type': 'application/x-npy', accept: 'application/x-npy' };

/** Correlated columns of several scales. */
function rowsOf(count: number, columns: number, seed: number): number[][] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => {
    const shared = random() - 0.5;
    return Array.from({ length: columns }, (_, at) => 2 ** (at % 5) * (random() + shared) + at);
  });
}

function bodyOf(rows: number[][]): Buffer {
  return npyOf(Float64Array.from(rows.flat()), [rows.length, rows[0].length]);
}

async function post(path: string, body: unknown, headers = {}) {
  const answer = await service.post(path, body, headers);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer;
}

test('components come out as pca0, pca1, … where the first of their columns stood', async () => {
  const rows = rowsOf(8, 3, 1);
  const text = Buffer.from(['a,b,c', ...rows.map((row) => row.join(','))].join('\n'));
  const headerOf = async (query: string) => {
    const response = await fetch(`${service.url}/v1/normalize?method=whiten&kind=pca&${query}`, {
      method: 'POST',
      headers: csv,
      body: new Uint8Array(text),
    });
    assert.equal(response.status, 200);
    const lines = (await response.text()).trim().split(/\r?\n/);
    assert.equal(lines.length, 9);
    return lines;
  };
  assert.equal((await headerOf('n_components=2'))[0], 'pca0,pca1');
  const [header, first] = await headerOf('n_components=1&columns=1,2');
  assert.equal(header, 'a,pca0');
  assert.equal(Number(first.split(',')[0]), rows[0][0]);
  assert.equal((await headerOf('n_components=2&columns=2,0'))[0], 'pca0,pca1,b');
  assert.equal((await headerOf(''))[0], 'a,b,c');
});

test('fewer components have their own shape everywhere, and come back as near as they can', async () => {
  // Two columns are sums of the others: three components are all there is.
  const rows = rowsOf(30, 3, 2).map(([a, b, c]) => [a, b, c, a + b, b - 2 * c]);
  const normalizer = { method: 'whiten', kind: 'pca', n_components: 3, epsilon: 0 };
  const { body } = await post('/v1/normalize', { normalizer, data: rows });
  assert.deepEqual([body.data.length, body.data[0].length], [30, 3]);
  assert.equal(body.fitted.invertible, false);
  assert.equal(body.statistics.output.nobs, 90);
  assert.deepEqual([body.fitted.parameters.components.length, body.fitted.parameters.components[0].length], [3, 5]);
  const { body: back } = await post('/v1/inverse-transform', { fitted: body.fitted, data: body.data });
  back.data.forEach((row: number[], at: number) =>
    row.forEach((value, column) => assert.ok(Math.abs(value - rows[at][column]) < 1e-9)),
  );
  const wide = await service.post('/v1/inverse-transform', { fitted: body.fitted, data: rows });
  assert.deepEqual([wide.status, wide.body.code], [422, 'shape_mismatch']);

  const stored = await service.post('/v1/normalizers/narrow/versions', { fitted: body.fitted });
  assert.equal(stored.status, 201);
  const { body: model } = await service.send('GET', '/v2/models/narrow');
  assert.deepEqual(
    [model.inputs[0].shape, model.outputs[0].shape],
    [
      [-1, 5],
      [-1, 3],
    ],
  );
  const inputs = [{ name: 'input', datatype: 'FP64', shape: [30, 5], data: rows.flat() }];
  const { body: inferred } = await post('/v2/models/narrow/infer', { inputs });
  assert.deepEqual(inferred.outputs[0].shape, [30, 3]);
  assert.deepEqual(inferred.outputs[0].data, body.data.flat());
});

test('many blocks give what their formula says, in any number of workers', async () => {
  const rows = rowsOf(40_000, 12, 3);
  const query = '/v1/normalize?method=whiten&kind=pca&epsilon=0&n_components=5&include=data';
  const { body } = await post(query, bodyOf(rows), npy);
  const { shape, data } = readNpy(body);
  assert.deepEqual(shape, [40_000, 5]);
  const values = new Float64Array(new Uint8Array(data).buffer);
  const column = (at: number) => Array.from({ length: 40_000 }, (_, row) => values[row * 5 + at]);
  const mean = (of: number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  for (let one = 0; one < 5; one++) {
    for (let other = 0; other <= one; other++) {
      const covariance = mean(column(one).map((value, row) => value * values[row * 5 + other]));
      assert.ok(Math.abs(covariance - Number(one === other)) < 1e-9, `${one}, ${other}: ${covariance}`);
    }
  }
  const alone = await startService({ workers: 1 });
  try {
    const again = await alone.post(query, bodyOf(rows), npy);
    assert.deepEqual(again.body, body);
  } finally {
    await alone.close();
  }
});

test('parts merge to what one fit gives, and the same bits in any order', async () => {
  const rows = rowsOf(900, 4, 4);
  const normalizer = { method: 'whiten', kind: 'cholesky' };
  const { body: whole } = await post('/v1/fit', { normalizer, data: rows });
  const committed = [];
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
  ]) {
    const { body: fit } = await service.post('/v1/fits', { normalizer });
    for (const part of order) {
      const data = rows.slice(part * 300, (part + 1) * 300);
      assert.equal((await service.send('PUT', `/v1/fits/${fit.id}/parts/p${part}`, { data })).status, 200);
    }
    committed.push((await post(`/v1/fits/${fit.id}/commit`, {})).body.fitted);
  }
  assert.deepEqual(committed[1], committed[0]);
  assert.equal(committed[0].n_samples_seen, 900);
  const flat = (of: any): number[] => [of].flat(3);
  for (const [name, values] of Object.entries(whole.fitted.parameters)) {
    const expected = flat(values);
    const most = Math.max(...expected.map(Math.abs));
    flat(committed[0].parameters[name]).forEach((value, at) =>
      assert.ok(Math.abs(value - expected[at]) <= 1e-12 * most, name),
    );
  }
});

test('a NaN leaves its sample out of the fit and spreads through its output', async () => {
  const rows: (number | null)[][] = rowsOf(10, 2, 5);
  rows[3][1] = null;
  const { body: complete } = await post('/v1/fit', {
    normalizer: { method: 'whiten', nan_policy: 'omit' },
    data: rows.filter((_, at) => at !== 3),
  });
  const { body } = await post('/v1/normalize', { normalizer: { method: 'whiten', nan_policy: 'omit' }, data: rows });
  assert.deepEqual(body.fitted.parameters, complete.fitted.parameters);
  assert.deepEqual(body.data[3], [null, null]);
  assert.equal(body.fitted.n_samples_seen, 9);
  const none = await post('/v1/normalize', {
    normalizer: { method: 'whiten', nan_policy: 'propagate', fill: 0 },
    data: rows,
  });
  assert.deepEqual(none.body.fitted.parameters.variances, [null, null]);
  assert.deepEqual(none.body.data[0], [0, 0]);
});

test('what cannot be whitened is told with its option', async () => {
  const data = rowsOf(5, 3, 6);
  const same = data.map(([a, b]) => [a, b, a + b]);
  for (const [normalizer, rows, pointer] of [
    [{ axis: 1 }, data, '/normalizer/axis'],
    [{ kind: 'pca', n_components: 4 }, data, '/normalizer/n_components'],
    [{ kind: 'pca', n_components: 1, axis: null }, data, '/normalizer/axis'],
    [{ kind: 'cholesky', epsilon: 0 }, same, '/normalizer/epsilon'],
  ] as const) {
    const { status, body } = await service.post('/v1/normalize', {
      normalizer: { method: 'whiten', ...normalizer },
      data: rows,
    });
    assert.deepEqual([status, body.errors[0].pointer], [422, pointer], JSON.stringify(body));
  }
  const bad = await service.post('/v1/fit', { normalizer: { method: 'whiten', n_components: 2 }, data });
  assert.deepEqual([bad.status, bad.body.errors[0].pointer], [400, '/normalizer/n_components']);
  const wide = [Array.from({ length: 4097 }, (_, at) => at)];
  const many = await service.post('/v1/fit', { normalizer: { method: 'whiten' }, data: wide });
  assert.deepEqual([many.status, many.body.errors[0].pointer], [422, '/normalizer/axis']);
});
