import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createAcceptFairness } from '#http/admission/accept-fairness.ts';

function turns() {
  const server = new EventEmitter();
  const clock = { now: 0 };
  const begin = createAcceptFairness(server as Server, () => clock.now);
  const begun: number[] = [];
  const told: Array<[waited: number, waiting: number]> = [];
  const request = (name: number) =>
    begin((...what) => {
      begun.push(name);
      told.push(what);
    });
  return { clock, begun, told, request, connect: () => server.emit('connection') };
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

test('requests are begun at once while nobody connects, however many come', () => {
  const { begun, told, request } = turns();
  upTo(1000).forEach(request);
  assert.deepEqual(begun, upTo(1000));
  assert.deepEqual(told[999], [0, 0]);
});

test('while one connection after the other comes one is begun in a turn, in the order in which they came', async () => {
  const { begun, request, connect } = turns();
  // Those before it do not count.
  upTo(100).forEach(request);
  begun.length = 0;
  connect();
  upTo(20).forEach(request);
  for (let count = 1; count <= 10; count++) {
    assert.deepEqual(begun, upTo(count));
    connect();
    await turn();
  }
});

test('when no more connections come those that wait are begun, and then all are begun at once again', async () => {
  const { clock, begun, told, request, connect } = turns();
  connect();
  upTo(100).forEach(request);
  await turn();
  clock.now = 0.5;
  request(100);
  assert.ok(begun.length < 50, 'it did not wait for those before it');
  for (let passed = 0; passed < 10; passed++) await turn();
  assert.deepEqual(begun, upTo(101));
  assert.equal(told[99][0], 0.5, 'how long it waited');
  assert.deepEqual(told[100], [0, 0]);
  request(101);
  request(102);
  request(103);
  assert.deepEqual(begun, upTo(104));
});
