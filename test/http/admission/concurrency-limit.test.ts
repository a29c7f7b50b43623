import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConcurrencyLimit } from '#http/admission/concurrency-limit.ts';

function congestionAt(bounds = { least: 64, most: 512, target: 0.02 }) {
  const clock = { now: 0 };
  const congestion = createConcurrencyLimit(bounds, () => clock.now);
  /** So many seconds in which an answer comes every ten milliseconds, or so many a second. */
  function pass(seconds: number, took: () => number, underWay: () => number, rate = 100): number {
    for (const end = clock.now + seconds; clock.now < end; clock.now += 1 / rate) congestion.record(took(), underWay());
    return congestion.limit();
  }
  return { clock, congestion, pass };
}

test('requests that wait n / rate are let in until they wait for the target', () => {
  for (const rate of [5_000, 10_000]) {
    const { congestion, pass } = congestionAt();
    assert.equal(congestion.limit(), 512);
    const limit = pass(
      3,
      () => congestion.limit() / rate,
      () => congestion.limit(),
    );
    assert.ok(Math.abs(limit / (0.02 * rate) - 1) < 0.1, `${limit} at ${rate} a second`);
  }
});

test('it falls to the least and no further, stays there while that many wait for long, and rises again afterwards', () => {
  const { clock, congestion, pass } = congestionAt();
  const slow = () => 1;
  assert.equal(
    pass(0.5, slow, () => congestion.limit()),
    64,
  );
  assert.equal(
    pass(5, slow, () => 64),
    64,
  );
  const limit = pass(
    1,
    () => 0.005,
    () => 64,
  );
  assert.ok(limit > 64 && limit < 128, `${limit} after a second`);
  // Nothing is answered, as nothing comes.
  clock.now += 60;
  assert.equal(congestion.limit(), 512);
});

test('requests that take long by themselves do not lower it: neither few of them, nor beside as many fast ones', () => {
  assert.equal(
    congestionAt().pass(
      5,
      () => 3,
      () => 20,
    ),
    512,
  );
  let count = 0;
  assert.equal(
    congestionAt().pass(
      5,
      () => (count++ % 3 === 0 ? 3 : 0.01),
      () => 300,
    ),
    512,
  );
});

test('a burst that is over soon does not lower it', () => {
  let left = 500;
  const limit = congestionAt().pass(
    0.09,
    () => 0.1,
    () => (left -= 60),
  );
  assert.equal(limit, 512);
});

test('a service that is busy takes of a burst what it answers in twice the target; one that waits for its clients takes all', () => {
  for (const rate of [8000, 4000]) {
    const limit = congestionAt().pass(
      1,
      () => 64 / rate,
      () => 64,
      rate,
    );
    assert.ok(Math.abs(limit / (2 * 0.02 * rate) - 1) < 0.05, `${limit} at ${rate} a second`);
  }
  const waiting = congestionAt().pass(
    1,
    () => 0.004,
    () => 64,
    1000,
  );
  assert.equal(waiting, 512, 'most of the 64 still send their bodies');
});
