import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBacklog } from '#http/admission/backlog.ts';

function backlogAt(most: { bytes: number; requests: number }) {
  const clock = { now: 0 };
  const backlog = createBacklog(most, () => clock.now);
  let callers = 0;
  /** A place whose body is here, each of a caller of its own. */
  function admit(bytes: number, caller = String(callers++)) {
    const place = backlog.admit(bytes, caller);
    if (!place) return undefined;
    place.grow(bytes);
    place.arrive();
    return place;
  }
  return { clock, backlog, admit };
}

test('bytes and requests are bounded, and a place that is given back can be had again', () => {
  const { admit } = backlogAt({ bytes: 1e6, requests: 3 });
  const first = admit(6e5);
  assert.ok(first);
  assert.equal(admit(3e5), undefined);
  assert.ok(admit(2e5));
  assert.ok(admit(0));
  first.release();
  assert.ok(admit(6e5));
});

test('an upload on its way holds no place and no bytes that have not come', () => {
  const { backlog } = backlogAt({ bytes: 1e6, requests: 3 });
  const uploads = Array.from({ length: 100 }, (_, at) => backlog.admit(8e5, String(at)));
  assert.ok(uploads.every(Boolean));
  assert.equal(backlog.requests(), 0);
  uploads[0]?.grow(10);
  uploads[0]?.arrive();
  uploads[0]?.arrive();
  assert.equal(backlog.requests(), 1);
  assert.ok(backlog.admit(1e5, 'another'));
  for (const upload of uploads) upload?.release();
  assert.equal(backlog.requests(), 0);
});

test('a request that is larger than the queue has it to itself, but for what is kept for small ones', () => {
  const { admit } = backlogAt({ bytes: 1e6, requests: 3 });
  const large = admit(1e9);
  assert.ok(large);
  assert.equal(admit(1e5), undefined);
  assert.ok(admit(1e4), 'a small one');
  assert.ok(large.grow(1e9), 'it has all there is already');
  large.release();
  assert.ok(admit(1e5));
});

test('a body that grows takes what is there, and gives up what it has where there is no more', () => {
  const { backlog, admit } = backlogAt({ bytes: 1e6, requests: 3 });
  const growing = admit(1e5);
  const other = admit(5e5);
  assert.ok(growing?.grow(2e5));
  assert.equal(growing?.grow(1e5), false);
  assert.ok(other?.grow(3e5), 'the other finds room');
  growing?.release();
  other?.release();
  assert.equal(backlog.requests(), 0);
  assert.ok(admit(8e5));
});

test('one caller has three quarters of the bytes at most, and others the rest', () => {
  const { admit } = backlogAt({ bytes: 1e6, requests: 8 });
  assert.ok(admit(6e5, 'one'));
  assert.equal(admit(2e5, 'one'), undefined);
  assert.ok(admit(2e5, 'other'));
});

test('a queue that is full of the requests of one caller has room for a few of another', () => {
  const { admit } = backlogAt({ bytes: 1e6, requests: 8 });
  for (let times = 0; times < 8; times++) assert.ok(admit(1, 'one'));
  assert.equal(admit(1, 'one'), undefined);
  assert.ok(admit(1, 'other'));
  assert.ok(admit(1, 'other'));
  assert.equal(admit(1, 'other'), undefined, 'a third');
});

test('the time to wait is what is admitted by the speed at which it was drained', () => {
  const { backlog, clock, admit } = backlogAt({ bytes: 1e9, requests: 1e6 });
  assert.equal(backlog.retryAfter(), 1, 'nothing has been done yet');
  // 10 requests of 100 bytes a second, for a minute.
  for (let tick = 0; tick < 600; tick++) {
    clock.now += 0.1;
    admit(100)?.release();
  }
  assert.equal(backlog.retryAfter(), 1, 'nothing waits');
  for (let count = 0; count < 5; count++) admit(1000);
  assert.equal(backlog.retryAfter(), 5, '5000 bytes at 1000 a second');
  for (let count = 0; count < 95; count++) admit(0);
  assert.equal(backlog.retryAfter(), 10, '100 requests at 10 a second');
  clock.now += 100;
  assert.equal(backlog.retryAfter(), 60, 'it stands still');
});
