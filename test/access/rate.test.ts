import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLimiter } from '#access/rate.ts';

test('a burst is taken whole, then requests come back evenly', () => {
  const take = createLimiter({ requests: 3, window: 6 });
  const answers = [0, 0, 0, 0, 1999, 2000, 2000].map((now) => take('a', now));
  assert.deepEqual(
    answers.map(({ allowed, remaining }) => [allowed, remaining]),
    [
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
      [false, 0],
      [true, 0],
      [false, 0],
    ],
  );
  assert.deepEqual(
    answers.map(({ retryAfter }) => retryAfter),
    [0, 0, 0, 2, 1, 0, 2],
  );
  assert.deepEqual(
    answers.slice(0, 3).map(({ reset }) => reset),
    [2, 4, 6],
  );
});

test('one caller does not use up what another has', () => {
  const take = createLimiter({ requests: 1, window: 60 });
  assert.ok(take('a', 0).allowed);
  assert.ok(take('b', 0).allowed);
  assert.ok(!take('a', 1).allowed);
});

test('however requests come, no span of time holds more than the burst and what came back in it', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 }), gaps, (requests, window, waits) => {
      const take = createLimiter({ requests, window });
      let now = 0;
      const taken: number[] = [];
      for (const wait of waits) {
        now += wait;
        const { allowed, retryAfter } = take('a', now);
        if (allowed) taken.push(now);
        else assert.ok(retryAfter >= 1 && retryAfter <= Math.ceil(window / requests), String(retryAfter));
      }
      for (const [first, start] of taken.entries()) {
        for (const [last, end] of taken.entries()) {
          if (last < first) continue;
          const most = requests + ((end - start) / 1000) * (requests / window);
          assert.ok(last - first + 1 <= most + 1e-6);
        }
      }
    }),
  );
});

test('callers are forgotten when there are too many, the oldest first', () => {
  const take = createLimiter({ requests: 1, window: 3600 });
  take('first', 0);
  for (let caller = 0; caller < 10_000; caller++) take(`c${caller}`, 0);
  assert.ok(!take('c9999', 0).allowed);
  assert.ok(take('first', 0).allowed);
});
