import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDispatcher, type Job } from '#pool/dispatch.ts';
import { defineTask } from '#pool/task.ts';

type Sent = { job: Job; stop: AbortSignal; answer(): void; fail(error: Error): void };

const large = defineTask({ name: 'large', run: (name: string) => name });
const small = defineTask({ name: 'small', run: (name: string) => name, isSmall: true });
const namesOf = (job: Job) => job.map(({ task }) => task as string);
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Threads that answer when the test says so; what they are sent. */
function threads(count: number) {
  const sent: Sent[] = [];
  const dispatch = createDispatcher(count, (job, _, stop) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ result: unknown }[]>();
    const answer = () => resolve(namesOf(job).map((name) => ({ result: name })));
    stop.addEventListener('abort', () => reject(new Error('stopped')));
    sent.push({ job, stop, answer, fail: reject });
    return promise;
  });
  return { dispatch, sent };
}

test('a thread has one job at a time, and what waits is sent in its order', async () => {
  const { dispatch, sent } = threads(2);
  const results = ['a', 'b', 'c'].map((name) => dispatch(large, name));
  assert.deepEqual(
    sent.map(({ job }) => namesOf(job)),
    [['a'], ['b']],
  );
  sent[1].answer();
  await results[1];
  await turn();
  assert.deepEqual(namesOf(sent[2].job), ['c']);
});

test('calls of one turn share jobs, and tasks and calls take turns', async () => {
  const { dispatch, sent } = threads(1);
  const first = dispatch(large, 'a');
  for (const name of ['b', 'c']) void dispatch(large, name);
  for (const name of ['x', 'y', 'z']) void dispatch(small, name);
  await turn();
  sent[0].answer();
  await first;
  for (let at = 1; at < 4; at++) {
    await turn();
    sent[at]?.answer();
  }
  assert.deepEqual(
    sent.map(({ job }) => namesOf(job).join('')),
    ['a', 'xyz', 'b', 'c'],
  );
});

test('requests with tasks that wait take turns, however many each of them has', async () => {
  const { dispatch, sent } = threads(1);
  const [many, other, late] = Array.from({ length: 3 }, () => new AbortController().signal);
  for (const name of ['a1', 'a2', 'a3', 'a4']) void dispatch(large, name, many);
  for (const name of ['b1', 'b2']) void dispatch(large, name, other);
  for (let at = 0; at < 7; at++) {
    if (at === 2) void dispatch(large, 'c1', late);
    sent[at].answer();
    await turn();
  }
  assert.deepEqual(
    sent.map(({ job }) => namesOf(job).join('')),
    ['a1', 'b1', 'a2', 'b2', 'c1', 'a3', 'a4'],
  );
});

test('when a thread ends under several calls, each is tried once more, alone', async () => {
  const { dispatch, sent } = threads(1);
  const results = Promise.allSettled(['x', 'y', 'z'].map((name) => dispatch(small, name)));
  await turn();
  sent[0].fail(new Error('the thread ended'));
  for (let at = 1; at <= 3; at++) {
    await turn();
    if (at === 2) sent[at].fail(new Error('the thread ended again'));
    else sent[at].answer();
  }
  assert.deepEqual(
    sent.map(({ job }) => namesOf(job).join('')),
    ['xyz', 'x', 'y', 'z'],
  );
  assert.deepEqual(
    (await results).map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message)),
    [{ result: 'x' }, 'the thread ended again', { result: 'z' }],
  );
});

test('a task whose thread ends is not tried again', async () => {
  const { dispatch, sent } = threads(1);
  const result = dispatch(large, 'a');
  sent[0].fail(new Error('the thread ended'));
  await assert.rejects(result, /the thread ended/);
  assert.equal(sent.length, 1);
});

test('what is cancelled while it waits is never sent', async () => {
  const { dispatch, sent } = threads(1);
  const cancel = new AbortController();
  const first = dispatch(large, 'a');
  const results = Promise.allSettled([dispatch(large, 'b', cancel.signal), dispatch(small, 'x', cancel.signal)]);
  cancel.abort(new Error('gone'));
  for (const result of await results) assert.match(String(result.status === 'rejected' && result.reason), /gone/);
  await assert.rejects(dispatch(large, 'c', cancel.signal), /gone/);
  sent[0].answer();
  await first;
  await turn();
  assert.equal(sent.length, 1);
});

test('what is cancelled under way is let finish for a second, then its thread is ended', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { dispatch, sent } = threads(1);
  const cancel = new AbortController();
  const result = dispatch(large, 'a', cancel.signal);
  cancel.abort(new Error('gone'));
  await assert.rejects(result, /gone/);
  t.mock.timers.tick(999);
  assert.equal(sent[0].stop.aborted, false);
  t.mock.timers.tick(1);
  assert.equal(sent[0].stop.aborted, true);
  const next = dispatch(large, 'b');
  await turn();
  sent[1].answer();
  assert.deepEqual(await next, { result: 'b' });
});

test('a cancelled call that ends its thread leaves the others an answer', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { dispatch, sent } = threads(1);
  const cancel = new AbortController();
  const hanging = dispatch(small, 'x', cancel.signal);
  const other = dispatch(small, 'y');
  await turn();
  cancel.abort(new Error('gone'));
  await assert.rejects(hanging, /gone/);
  t.mock.timers.tick(1000);
  await turn();
  assert.deepEqual(namesOf(sent[1].job), ['y']);
  sent[1].answer();
  assert.deepEqual(await other, { result: 'y' });
});
