/** Nothing that one caller sends takes the service from the others, in the memory that the manifest gives it. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'yaml';
import { writeNpyHeader } from '#formats/npy/header.ts';
import { residentMemory, startProcess } from '../process.ts';
import { hostileRequests } from './corpus.ts';
import type { Seen } from './good-client.ts';
import { createMemoryCgroup, type MemoryCgroup } from './memory-cgroup.ts';

/** The long corpus takes some minutes. */
const isLong = process.env.NORMA_HOSTILE === 'long';

/** All requests; the tests of every day send a third of them. */
const isWhole = process.env.NORMA_HOSTILE !== undefined;

/** Bytes that stay when all is over: V8 and the allocator keep what was freed in pieces. */
const mostKept = 400 * 2 ** 20;

/** Requests at once. */
const together = 4;

/** The memory and the limit of a body that the manifest gives. */
function manifest(): { memory: number; settings: Record<string, string> } {
  const read = (file: string) =>
    parse(readFileSync(new URL(`../../docker/kubernetes/base/${file}`, import.meta.url), 'utf8'));
  const literals: string[] = read('kustomization.yaml').configMapGenerator[0].literals;
  const [, NORMA_BODY_LIMIT] =
    literals.map((literal) => literal.split('=')).find(([name]) => name === 'NORMA_BODY_LIMIT') ?? [];
  const [{ resources }] = read('deployment.yaml').spec.template.spec.containers;
  const [, count, unit] = /^(\d+)(Mi|Gi)$/.exec(resources.limits.memory) ?? [];
  const memory = Number(count) * (unit === 'Gi' ? 2 ** 30 : 2 ** 20);
  return { memory, settings: { NORMA_BODY_LIMIT } };
}

/** Asks a good client what it has seen, which ends it. */
async function seenBy(client: ChildProcess): Promise<Seen> {
  const seen = once(client, 'message');
  client.send('what have you seen?');
  return ((await seen) as [Seen])[0];
}

const wide = new Uint8Array([...writeNpyHeader('uint8', [2, 2 ** 15]), ...new Uint8Array(2 ** 16)]);

async function attack(t: TestContext, cgroup: MemoryCgroup | undefined, settings: Record<string, string>) {
  const server = await startProcess(t, { NORMA_WORKERS: '2', ...settings }, undefined, cgroup?.procs);
  // In the order in which they are registered: a group is removed when the server, which is killed before, has left it.
  t.after(async () => {
    await server.ended;
    cgroup?.remove();
  });
  let end = '';
  void server.ended.then((how) => (end = `, the process has ended with ${how.join('')}; kills: ${cgroup?.kills()}`));
  const idle = residentMemory(server.process);
  // Whoever inherits the output of a test keeps its runner waiting.
  const goodClient = fork(new URL('good-client.ts', import.meta.url), [server.url], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  t.after(() => goodClient.kill('SIGKILL'));
  const corpus = hostileRequests(isLong);
  const requests = isWhole ? corpus : corpus.filter((_, i) => i % 3 === 0);
  assert.ok(requests.length >= (isWhole ? 60 : 20));
  const counts = new Map<number, number>();
  const next = requests.values();
  const underWay = new Set<string>();
  async function attacker(): Promise<void> {
    for (const { name, path, headers, body } of next) {
      underWay.add(name);
      const answer = await fetch(server.url + path, { method: 'POST', headers, body: body() }).catch(
        (error: unknown) => {
          throw new Error(`${name}: no answer${end}, beside ${[...underWay].join(' and ')}`, { cause: error });
        },
      );
      try {
        // Read to its end, and not kept.
        for await (const _ of answer.body ?? []);
      } catch (error) {
        throw new Error(`${name}: an answer with ${answer.status} was cut${end}`, { cause: error });
      }
      underWay.delete(name);
      counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
      assert.ok(answer.status < 500 || answer.status === 503, `${name}: ${answer.status}`);
    }
  }
  await Promise.all(Array.from({ length: together }, attacker));
  const { statuses, slowestMs, health, slowestHealthMs } = await seenBy(goodClient);
  assert.deepEqual([Object.keys(statuses), Object.keys(health)], [['200'], ['200']]);
  // What was reserved was given back.
  const again = await fetch(`${server.url}/v1/fit?method=robust`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-npy' },
    body: wide,
  });
  assert.equal(again.status, 200);
  await again.arrayBuffer();
  assert.equal(cgroup?.kills() ?? 0, 0);
  assert.equal(end, '');
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  t.diagnostic(
    `${requests.length} requests: ${[...counts].map(([status, count]) => `${count} x ${status}`).join(', ')}`,
  );
  t.diagnostic(
    `beside them, a small request took ${slowestMs.toFixed(0)} ms at most, health ${slowestHealthMs.toFixed(0)}`,
  );
  if (cgroup) t.diagnostic(`${mib(idle)} MiB idle, ${mib(cgroup.peak())} at the peak`);
  if (isLong) {
    // Within a minute.
    for (let seconds = 0; residentMemory(server.process) > idle + mostKept && seconds < 60; seconds++) await wait(1000);
    const left = residentMemory(server.process);
    t.diagnostic(`${mib(left)} MiB a minute later at most`);
    assert.ok(left <= idle + mostKept);
  }
  server.process.kill('SIGTERM');
  assert.deepEqual(await server.ended, [0, null]);
}

test('the hostile corpus in the memory of the manifest', {
  timeout: isLong ? 1e6 : isWhole ? 400_000 : 110_000,
}, async (t) => {
  const { memory, settings } = manifest();
  let cgroup: MemoryCgroup;
  try {
    cgroup = createMemoryCgroup(memory);
  } catch (error) {
    // Where everything must run this is a fault, elsewhere it is told.
    if (process.env.NORMA_CI_STRICT) throw error;
    t.skip(`no memory cgroup can be made here: ${(error as Error).message}`);
    return;
  }
  await attack(t, cgroup, settings);
});
