import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapInOrder } from '#pool/map-in-order.ts';

const after = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('results come in the order of the items, whichever is ready first', async () => {
  const results = mapInOrder([30, 1, 10, 0], 4, async (wait) => {
    await after(wait);
    return wait;
  });
  assert.deepEqual(await collect(results), [30, 1, 10, 0]);
});

test('no more items are under way than the width', async () => {
  let underWay = 0;
  let most = 0;
  const results = mapInOrder(Array.from({ length: 20 }).keys(), 3, async (item) => {
    most = Math.max(most, ++underWay);
    await after(1);
    underWay--;
    return item;
  });
  await collect(results);
  assert.equal(most, 3);
});

test('a result does not wait for the next item', async () => {
  async function* slow() {
    yield 1;
    await new Promise(() => undefined);
  }
  const results = mapInOrder(slow(), 3, async (item) => item);
  assert.deepEqual(await results.next(), { done: false, value: 1 });
});

test('an error is thrown in its turn, and the source is closed', async () => {
  let closed = false;
  async function* items() {
    try {
      yield* [1, 2, 3];
    } finally {
      closed = true;
    }
  }
  const results = mapInOrder(items(), 2, async (item) => {
    if (item === 2) throw new Error('two');
    return item;
  });
  assert.equal((await results.next()).value, 1);
  await assert.rejects(results.next(), /two/);
  await after(1);
  assert.ok(closed);
});

test('an error of the source is thrown', async () => {
  async function* items() {
    yield 1;
    throw new Error('source');
  }
  await assert.rejects(collect(mapInOrder(items(), 2, async (item) => item)), /source/);
});
