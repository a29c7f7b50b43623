/** Threads of the pool that really end: their own request fails, no other does, and the pool is whole again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Runner } from '#pool/task.ts';
import { createPool, type Pool } from '#pool/pool.ts';
import { carriedOut, float64 } from '../run-call.ts';
import { type Service, startService } from '../service.ts';
import { fatal } from './mortal-worker.ts';

const losses: Error[] = [];
let pool: Pool;
let service: Service;
before(async () => {
  pool = createPool(2, {
    entry: new URL('./mortal-worker.ts', import.meta.url),
    onLoss: (error) => losses.push(error),
    heapLimit: 64,
  });
  service = await startService({}, pool);
});
after(() => service.close());

/** As few numbers as are worth a thread. */
const zeros = new Array<number>(2 ** 10).fill(0);

const small = (first: number) => ({ normalizer: { method: 'norm' }, data: [first, 4, ...zeros], include: ['data'] });

/** Many small requests at once, so that they share jobs; what each of them got. */
async function statusesAround(first: number, neighbours = 40): Promise<number[]> {
  const bodies = Array.from({ length: neighbours + 1 }, (_, at) => small(at === neighbours / 2 ? first : 3));
  const answers = await Promise.all(bodies.map((body) => service.post('/v1/normalize', body)));
  for (const { status, body } of answers) if (status === 200) assert.deepEqual(body.data, [0.6, 0.8, ...zeros]);
  return answers.map(({ status }) => status);
}

for (const way of ['exit', 'throw', 'exhaust'] as const) {
  test(`a thread that ends by "${way}" under 41 requests at once costs the one that did it a 500, and the pool is whole again`, async () => {
    const before = losses.length;
    const statuses = await statusesAround(fatal[way]);
    assert.equal(statuses[20], 500);
    assert.equal(statuses.filter((status) => status !== 200).length, 1);
    assert.ok(losses.length > before, 'no thread was lost: the test shows nothing');
    assert.deepEqual([...new Set(await statusesAround(3))], [200]);
  });
}

test('the 500 of an exhausted heap tells nothing of the inside', async () => {
  const { status, body } = await service.post('/v1/normalize', small(fatal.exhaust));
  assert.equal(status, 500);
  assert.equal(body.code, 'internal');
  assert.doesNotMatch(JSON.stringify(body), /heap|worker|memory|thread/i);
  assert.ok(losses.some((error) => 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'));
});

test('a block that ends its thread fails its own request, and large requests beside it get the right answer', async () => {
  const values = (first: number) => Array.from({ length: 300_000 }, (_, at) => (at === 0 ? first : at % 7));
  const asked = { normalizer: { method: 'minmax' } };
  const run: Runner = pool.run;
  const results = await Promise.allSettled(
    [3, fatal.exit, 3].map((first) => carriedOut(asked, float64([300_000, 1], values(first)), run)),
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  for (const result of results) if (result.status === 'fulfilled') assert.equal(result.value.data[0], 0.5);
});

test('work that hangs is ended when its signal comes, in its thread too', async () => {
  const cancel = new AbortController();
  const asked = { normalizer: { method: 'minmax' } };
  const hanging = carriedOut(asked, float64([2, 1], [fatal.hang, 1]), pool.withSignal(cancel.signal).run);
  const another = carriedOut(asked, float64([2, 1], [fatal.hang, 1]), pool.withSignal(cancel.signal).run);
  setTimeout(() => cancel.abort(new Error('the client is gone')), 50);
  for (const result of [hanging, another]) await assert.rejects(result, /the client is gone/);
  // Both threads hang: this one is answered only if they have been ended.
  assert.deepEqual([...new Set(await statusesAround(3))], [200]);
});
