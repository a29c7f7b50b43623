import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createRetryThrottle } from '#http/admission/retry-throttle.ts';

/** A connection that tells whether it is read, and a request over it that has come in full. */
function request() {
  const socket = Object.assign(new EventEmitter(), {
    isRead: true,
    pause() {
      socket.isRead = false;
      return socket;
    },
    resume() {
      socket.isRead = true;
      socket.emit('resume');
      return socket;
    },
  });
  return { socket, request: { socket, closed: true } as unknown as IncomingMessage };
}

function retriesAt() {
  const clock = { now: 0 };
  return { clock, retries: createRetryThrottle(() => clock.now) };
}

test('a few refusals cost nothing; of many each waits longer than the one before, by 250 a second and 20 s at most', () => {
  const { clock, retries } = retriesAt();
  const refuse = () => retries.refused(request().request, 0);
  assert.deepEqual([...new Set(Array.from({ length: 49 }, refuse))], [0]);
  const waits = Array.from({ length: 500 }, refuse);
  assert.ok(Math.abs(waits[499] - 2) < 0.01, `${waits[499]} s`);
  for (let at = 2; at < 500; at++) assert.ok(waits[at] > waits[at - 1]);
  for (let count = 0; count < 10_000; count++) refuse();
  assert.equal(refuse(), 20);
  clock.now += 60;
  assert.equal(refuse(), 0);
});

test('a refusal costs what its body does', () => {
  const { retries } = retriesAt();
  const { socket, request: large } = request();
  assert.ok(Math.abs(retries.refused(large, 100e6) - 0.804) < 1e-9);
  assert.equal(socket.isRead, false);
});

test('its connection is not read meanwhile, whoever resumes it, and what comes as soon as it is read came early', async () => {
  const { retries } = retriesAt();
  const { socket, request: refused } = request();
  const wanted = retries.refused(refused, 21e6);
  assert.equal(retries.refused(refused, 21e6) > wanted, true, 'a second one of the same piece costs as well');
  socket.resume();
  assert.deepEqual([socket.isRead, retries.isEarly(refused)], [false, false]);
  // Its timer does not hold a process.
  const held = setInterval(() => undefined, 1000);
  await once(socket, 'resume');
  clearInterval(held);
  assert.deepEqual([socket.isRead, retries.isEarly(refused)], [true, true]);
  await wait(20);
  assert.deepEqual([socket.isRead, retries.isEarly(refused)], [true, false]);
});
