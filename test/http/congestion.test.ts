import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCongestion } from '#http/congestion.ts';

function congestionAt(bounds = { least: 64, most: 512, target: 0.05 }) {
  const clock = { now: 0 };
  const congestion = createCongestion(bounds, () => clock.now);
  /** So many seconds in which an answer comes every ten milliseconds. */
  function pass(seconds: number, took: () => number, underWay: number): number {
    for (const end = clock.now + seconds; clock.now < end; clock.now += 0.01) congestion.answered(took(), underWay);
    return congestion.limit();
  }
  return { congestion, pass };
}

test('while even the fastest answer takes too long, the limit falls to the least, and rises again afterwards', () => {
  const { congestion, pass } = congestionAt();
  assert.equal(congestion.limit(), 512);
  assert.ok(pass(0.5, () => 0.1, 300) < 300);
  assert.equal(
    pass(5, () => 0.1, 300),
    64,
  );
  assert.ok(pass(1, () => 0.01, 64) > 64);
  assert.equal(
    pass(20, () => 0.01, 64),
    512,
  );
});

test('requests that take long by themselves do not lower it: neither few of them, nor beside fast ones', () => {
  assert.equal(
    congestionAt().pass(5, () => 3, 64),
    512,
  );
  let count = 0;
  assert.equal(
    congestionAt().pass(5, () => (count++ % 5 === 0 ? 0.01 : 3), 300),
    512,
  );
});

test('a burst that is over soon does not lower it by much', () => {
  assert.ok(congestionAt().pass(0.15, () => 0.1, 500) > 400);
});
