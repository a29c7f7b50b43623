/** /v1/compare with labels. test/evidence has the numbers. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { seeded } from '../../seeded.ts';
import { type Service, startService } from '../../service.ts';
import { npyFile } from '../../formats/arrays.ts';
import { zipOf } from '../../formats/npz/zips.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const random = seeded(3);
const labels = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 'red' : 'blue'));
const data = labels.map((label) => [1000 * random(), (label === 'red' ? 2 : 0) + random(), random()]);

async function compared(body: object) {
  const answer = await service.post('/v1/compare', { statistics: false, ...body });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  delete answer.body.evidence.seconds;
  return answer.body;
}

test('labels give every candidate scores, curves and p-values, and the recommendation rests on them', async () => {
  const { recommendation, evidence, input, normalizers } = await compared({ data, labels });
  assert.deepEqual(evidence.labels.classes, [
    { label: 'blue', count: 20 },
    { label: 'red', count: 20 },
  ]);
  assert.equal(evidence.labels.folds, 5);
  assert.equal(recommendation.summary.length, 3);
  const { distance_based: advice } = recommendation;
  assert.equal(advice.basis, 'labels');
  assert.ok(advice.choices.some(({ name }: any) => name === 'zscore per feature'));
  assert.ok(!advice.choices.some(({ name }: any) => name === 'as they are'));
  const zscore = normalizers[2].evidence;
  assert.deepEqual(zscore.probes.nearest_neighbors.scores, [1, 1, 1, 1, 1]);
  assert.ok(input.evidence.probes.nearest_neighbors.p_value < 0.05);
  const rates = zscore.probes.hidden_network.learning_rates;
  assert.deepEqual(
    rates.map(({ learning_rate, curve }: any) => [learning_rate, curve.length]),
    [
      [0.01, 25],
      [0.1, 25],
      [1, 25],
    ],
  );
  assert.deepEqual(normalizers[0].evidence, input.evidence, 'the data as they are come first');
});

test('the same request gives the same bits', async () => {
  assert.deepEqual(await compared({ data, labels }), await compared({ data, labels }));
});

test('folds may be given, and numbers predicted', async () => {
  const numbers = data.map(([, x]) => 3 * x);
  const folds = data.map((_, i) => 10 * (i % 3));
  const { evidence, normalizers } = await compared({
    data,
    labels: numbers,
    folds,
    task: 'regression',
    normalizers: [{ method: 'zscore', axis: 0 }],
  });
  const { task, folds: count, folds_given, classes } = evidence.labels;
  assert.deepEqual(
    { task, count, folds_given, classes },
    { task: 'regression', count: 3, folds_given: true, classes: undefined },
  );
  const { probes } = normalizers[0].evidence;
  assert.equal(probes.linear_model.model, 'ridge');
  assert.ok(probes.linear_model.score > 0.9);
  assert.equal(probes.nearest_centroid, undefined);
});

test('an npz file holds labels beside data', async () => {
  const numbered = labels.map((label) => (label === 'red' ? 7 : 3));
  const npz = zipOf([
    { name: 'data.npy', content: npyFile('float64', [40, 3], data.flat()) },
    { name: 'labels.npy', content: npyFile('uint8', [40], numbered) },
  ]);
  const { status, body } = await service.post('/v1/compare', npz, { 'content-type': 'application/x-npz' });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body.evidence.labels.classes, [
    { label: 3, count: 20 },
    { label: 7, count: 20 },
  ]);
  const refused = await service.post('/v1/describe', npz, { 'content-type': 'application/x-npz' });
  assert.equal(refused.status, 400);
  assert.equal(refused.body.errors[0].pointer, '/labels');
});

test('the report leads with the answer, draws curves, and shows images before and after', async () => {
  const images = data.map(() =>
    Array.from({ length: 6 }, () => Array.from({ length: 6 }, () => Math.floor(256 * random()))),
  );
  const answer = await service.post('/v1/compare', { data: images, labels }, { accept: 'text/html' });
  const text = new TextDecoder().decode(answer.body);
  assert.equal(answer.status, 200, text);
  const places = ['id="answer"', 'id="evidence"', 'id="curves"', 'id="images"', 'id="plots"'].map((id) =>
    text.indexOf(id),
  );
  assert.ok(
    places.every((place, i) => place > (places[i - 1] ?? 0)),
    String(places),
  );
  assert.equal(text.match(/<img class="sample" src="data:image\/png;base64,/g)?.length, 5 * 4);
});

describe('labels that cannot be used', () => {
  const bad: [what: string, body: object, status: number, pointer: string, detail: RegExp][] = [
    ['too few', { labels: ['a'] }, 422, '/labels', /1 labels for 40 samples/],
    ['one class', { labels: labels.map(() => 'a') }, 422, '/labels', /at least two classes/],
    ['each its own', { labels: labels.map((_, i) => i) }, 422, '/labels', /class of its own/],
    ['fractions', { labels: labels.map(() => 1.5) }, 422, '/labels/0', /task: "regression"/],
    ['null', { labels: labels.map(() => null) }, 422, '/labels/0', /null is no label/],
    ['text as numbers', { labels, task: 'regression' }, 422, '/labels/0', /no finite number/],
    ['no list', { labels: 7 }, 400, '/labels', /a list with one value per sample/],
    ['folds alone', { folds: [0] }, 400, '/folds', /there are no labels/],
    ['one fold', { labels, folds: labels.map(() => 1) }, 422, '/folds', /in one fold/],
    ['no fold', { labels, folds: labels.map(() => -1) }, 422, '/folds/0', /whole number/],
    ['another task', { labels, task: 'clustering' }, 400, '/task', /./],
  ];
  for (const [what, body, status, pointer, detail] of bad) {
    test(what, async () => {
      const answer = await service.post('/v1/compare', { data, ...body });
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.equal(answer.body.errors[0].pointer, pointer);
      assert.match(answer.body.detail, detail);
    });
  }
});

describe('a table', () => {
  const rows = data.map((row, i) => [labels[i], i % 4, ...row].join(','));
  const csv = ['kind,part,a,b,c', ...rows].join('\n');
  const request = (query: string) =>
    fetch(`${service.url}/v1/compare?statistics=false&${query}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: csv,
    });

  test('names the columns of its labels and folds, which are no features then', async () => {
    const answer = (await (await request('labels=kind&folds=part')).json()) as any;
    const folds = data.map((_, i) => i % 4);
    const listed = await compared({ data, labels, folds });
    assert.deepEqual(
      answer.evidence.columns.map(({ name }: any) => name),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(answer.evidence.labels, listed.evidence.labels);
    assert.deepEqual(answer.recommendation.summary, listed.recommendation.summary);
    assert.deepEqual(answer.input.evidence, listed.input.evidence);
  });

  test('holds numbers to predict', async () => {
    const answer = (await (await request('labels=b&task=regression')).json()) as any;
    const features = data.map(([a, , c], i) => [i % 4, a, c]);
    const listed = await compared({ data: features, labels: data.map(([, b]) => b), task: 'regression' });
    assert.deepEqual(answer.evidence.labels, listed.evidence.labels);
    assert.deepEqual(answer.input.evidence, listed.input.evidence);
  });

  test('without such a column is refused', async () => {
    const answer = await request('labels=kinds');
    const problem = (await answer.json()) as any;
    assert.deepEqual([answer.status, problem.code, problem.errors[0].pointer], [422, 'unknown_columns', '/labels']);
  });

  test('is needed where labels are a name', async () => {
    const { status, body } = await service.post('/v1/compare', { data, labels: 'kind' });
    assert.deepEqual([status, body.code, body.errors[0].pointer], [400, 'invalid_request', '/labels']);
  });
});

test('what gives fewer columns is judged by those', async () => {
  const normalizers = [{ method: 'whiten', kind: 'pca', n_components: 2 }, { method: 'zscore' }];
  const answer = await compared({ data, labels, normalizers });
  assert.equal(answer.normalizers[0].evidence.hessian.dimension, answer.input.evidence.hessian.dimension - 1);
  const page = await service.post('/v1/compare', { data, labels, normalizers }, { accept: 'text/html' });
  assert.equal(page.status, 200);
});
