/** What a norm per sample loses, counted: samples that differed from another one and no longer do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function lost(body: Record<string, unknown>, path = '/v1/normalize') {
  const answer = await service.post(path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.warnings.find(({ code }: { code: string }) => code === 'scale_lost');
}

/** Samples as JSON, options of the norm, and how many samples are lost. */
const cases: [what: string, data: string, count: number, options?: Record<string, unknown>][] = [
  ['(3, 5) and (6, 10)', '[[3,5],[6,10]]', 2],
  ['a sample of its own between them', '[[3,5],[1,2],[6,10]]', 2],
  ['three on one ray', '[[3,5],[6,10],[1.5,2.5]]', 3],
  ['two rays', '[[3,5],[6,10],[1,0],[2,0],[0,1]]', 4],
  ['copies of both', '[[3,5],[6,10],[3,5],[6,10],[3,5],[1,2]]', 5],
  ['copies alone, which did not differ', '[[3,5],[3,5],[3,5]]', 0],
  ['copies of what is lost and of what is not', '[[3,5],[3,5],[6,10],[1,2],[1,2]]', 3],
  ['opposite samples', '[[3,5],[-3,-5]]', 0],
  ['one sample', '[[3,5]]', 0],
  ['an array of rank 1, which is one sample', '[3,5,6,10]', 0],
  ['an array of rank 1 with values that nearly agree', '[1,1e-14,2e-14]', 0],
  ['rank 0', '5', 0],
  ['zeros, which stay', '[[0,0],[3,5],[0,0]]', 0],
  ['outputs further apart than 1e-12', '[[1,0.5],[2,1.000000000005]]', 0, { order: 'inf' }],
  ['outputs nearer than 1e-12', '[[1,0.5],[2,1.0000000000005]]', 2, { order: 'inf' }],
  ['counts of non-zeros, which tell them apart', '[[3,5],[6,10]]', 0, { order: 0 }],
  ['images', '[[[3,5],[1,2]],[[6,10],[2,4]],[[6,10],[2,5]]]', 2, { axis: [1, 2] }],
  ['images by their rows', '[[[3,5],[1,2]],[[6,10],[2,4]],[[6,10],[2,5]]]', 2],
  ['a column that passes and tells them apart', '[[3,5,1],[6,10,2]]', 0, { columns: [0, 1] }],
  ['a column that passes and does not', '[[3,5,1],[6,10,1]]', 2, { columns: [0, 1] }],
  ['a NaN between them', '[[3,5],[null,1],[6,10]]', 2, { nan_policy: 'omit' }],
  ['NaN around them', '[[9,9],[null,2],[3,5],[null,1],[6,10],[null,4]]', 2, { nan_policy: 'propagate' }],
  ['many on one ray', JSON.stringify(Array.from({ length: 700 }, (_, at) => [3 * at + 3, 4 * at + 4])), 700],
  ['float32', '{"dtype":"float32","shape":[3,2],"data":[3,5,6,10,1,2]}', 2],
  ['integers', '{"dtype":"uint8","shape":[2,2],"data":[3,5,6,10]}', 2],
];

for (const [what, data, count, options] of cases) {
  test(`${count} in ${what}`, async () => {
    const warning = await lost({ normalizer: { method: 'norm', ...options }, data: JSON.parse(data) });
    assert.equal(warning?.count, count);
  });
}

test('every order but 0 loses (3, 5) and (6, 10)', async () => {
  for (const order of [2, 1, 3, 0.5, -1, -2, 'inf', '-inf']) {
    const warning = await lost({ normalizer: { method: 'norm', order }, data: JSON.parse('[[3,5],[6,10]]') });
    assert.equal(warning?.count, 2, String(order));
  }
});

test('as many as comparing every two samples finds', async () => {
  const data = Array.from({ length: 60 }, (_, at) => [(at * 7) % 5, (at * 3) % 4, (at * at) % 3]);
  const normed = data.map((row) => row.map((value) => value / (Math.hypot(...row) || 1)));
  const agree = (one: number, other: number) =>
    normed[one].every((value, at) => Math.abs(value - normed[other][at]) <= 1e-12);
  const samples = Array.from(data.keys());
  const count = samples.filter((one) =>
    samples.some((other) => `${data[one]}` !== `${data[other]}` && agree(one, other)),
  ).length;
  assert.ok(count > 10 && count < 60);
  assert.equal((await lost({ normalizer: { method: 'norm' }, data }))?.count, count);
});

test('a transform tells it of its own batch', async () => {
  const { fitted } = (
    await service.post('/v1/fit', { normalizer: { method: 'norm' }, data: JSON.parse('[[1,2],[2,1]]') })
  ).body;
  const warning = await lost({ fitted, data: JSON.parse('[[3,5],[6,10],[0,1]]') }, '/v1/transform');
  assert.equal(warning?.count, 2);
});

test('without statistics nothing is counted', async () => {
  const body = { normalizer: { method: 'norm' }, data: JSON.parse('[[3,5],[6,10]]') };
  for (const less of [{ statistics: false }, { include: ['data'] }, { include: ['data', 'fitted'] }]) {
    const warning = await lost({ ...body, ...less });
    assert.ok(warning && !('count' in warning), JSON.stringify(less));
  }
});

test('a norm over the samples, and a method that is no norm, do not lose it', async () => {
  for (const normalizer of [
    { method: 'norm', axis: 0 },
    { method: 'norm', axis: null },
    { method: 'minmax', axis: 1 },
  ]) {
    assert.equal(await lost({ normalizer, data: JSON.parse('[[3,5],[6,10]]') }), undefined, JSON.stringify(normalizer));
  }
});
