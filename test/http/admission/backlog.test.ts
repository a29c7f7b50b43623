import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBacklog } from '#http/admission/backlog.ts';

function backlogAt(most: { bytes: number; requests: number }) {
  const clock = { now: 0 };
  return { clock, backlog: createBacklog(most, () => clock.now) };
}

test('bytes and requests are bounded, and a place that is given back can be had again', () => {
  const { backlog } = backlogAt({ bytes: 100, requests: 3 });
  const first = backlog.admit(60);
  assert.ok(first);
  assert.equal(backlog.admit(41), undefined);
  assert.ok(backlog.admit(40));
  assert.ok(backlog.admit(0));
  assert.equal(backlog.admit(0), undefined, 'a fourth request');
  first.release();
  assert.ok(backlog.admit(60));
});

test('a request that is larger than the queue has it to itself', () => {
  const { backlog } = backlogAt({ bytes: 100, requests: 3 });
  const large = backlog.admit(1e9);
  assert.ok(large);
  assert.equal(backlog.admit(1), undefined);
  assert.ok(large.grow(1e9), 'it has all there is already');
  large.release();
  assert.ok(backlog.admit(1));
});

test('a body that grows takes what is there, and gives up what it has where there is no more', () => {
  const { backlog } = backlogAt({ bytes: 100, requests: 3 });
  const growing = backlog.admit(10);
  const other = backlog.admit(50);
  assert.ok(growing?.grow(40));
  assert.equal(growing?.grow(1), false);
  assert.ok(other?.grow(50), 'the other finds room');
  assert.equal(other?.grow(1), true, 'it has all there is');
  growing?.release();
  other?.release();
  assert.equal(backlog.requests(), 0);
  assert.ok(backlog.admit(100));
});

test('the time to wait is what is admitted by the speed at which it was drained', () => {
  const { backlog, clock } = backlogAt({ bytes: 1e9, requests: 1e6 });
  assert.equal(backlog.retryAfter(), 1, 'nothing has been done yet');
  // 10 requests of 100 bytes a second, for a minute.
  for (let tick = 0; tick < 600; tick++) {
    clock.now += 0.1;
    backlog.admit(100)?.release();
  }
  assert.equal(backlog.retryAfter(), 1, 'nothing waits');
  for (let count = 0; count < 5; count++) backlog.admit(1000);
  assert.equal(backlog.retryAfter(), 5, '5000 bytes at 1000 a second');
  for (let count = 0; count < 95; count++) backlog.admit(0);
  assert.equal(backlog.retryAfter(), 10, '100 requests at 10 a second');
  clock.now += 100;
  assert.equal(backlog.retryAfter(), 60, 'it stands still');
});
