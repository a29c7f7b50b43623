/** What is acknowledged outlives `kill -9` at any moment. NORMA_KILLS says how often; 3 times unless it is set. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { StoreAddress } from '#store/address.ts';
import { openStore, type Store } from '#store/store.ts';
import { startProcess } from '../process.ts';
import { eachStore } from './each-store.ts';

const kills = Number(process.env.NORMA_KILLS ?? 3);

/** Milliseconds that a writer writes at most. */
const longest = 400;

interface Acknowledged {
  versions: { name: string; version: number; digest: string; key: string }[];
  parts: { fit: string; part: string; digest: string }[];
  /** The last of each: the version that the alias names, the one that was described, and how much was counted. */
  last: { alias?: number; label?: number; counted?: number };
}

const digestOf = (document: Uint8Array | undefined) =>
  document && createHash('sha256').update(document).digest('base64url');

/** Lets a process write, kills it at a random moment, and gives what it had been told is there. */
async function writeAndKill(address: StoreAddress, round: number): Promise<Acknowledged> {
  const writer = spawn(process.execPath, ['test/store/writer.ts', JSON.stringify(address), String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(writer, 'exit');
  const acknowledged: Acknowledged = { versions: [], parts: [], last: {} };
  // Sometimes from the start on, sometimes from when there is something to be lost.
  const from = round % 2 === 0 ? 'version' : 'open';
  let killing = false;
  for await (const line of createInterface(writer.stdout)) {
    const [what, name, number, digest, ...key] = line.split(' ');
    if (what === from && !killing) {
      killing = true;
      void wait(Math.random() * longest).then(() => writer.kill('SIGKILL'));
    }
    if (what === 'version') acknowledged.versions.push({ name, version: Number(number), digest, key: key.join(' ') });
    if (what === 'alias' || what === 'label' || what === 'counted') acknowledged.last[what] = Number(number);
    if (what === 'part') acknowledged.parts.push({ fit: name, part: number, digest });
  }
  const [, signal] = await ended;
  assert.equal(signal, 'SIGKILL');
  return acknowledged;
}

/** The same through the service: clients store over HTTP until the process is killed. */
async function serveAndKill(address: StoreAddress): Promise<Map<number, string>> {
  const stops: (() => void)[] = [];
  const NORMA_STORE =
    address.kind === 'sqlite' ? `sqlite:${address.file}` : address.kind === 'postgres' ? address.url : '';
  const { url, process: service } = await startProcess({ after: (stop) => stops.push(stop) }, { NORMA_STORE });
  const ended = once(service, 'exit');
  const acknowledged = new Map<number, string>();
  const first = Promise.withResolvers<void>();
  const writing = Array.from({ length: 4 }, async (_, client) => {
    for (let at = 0; ; at++) {
      const answer = await fetch(`${url}/v1/normalizers/served/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ normalizer: { method: 'zscore' }, data: [[client], [at], [0.5]], statistics: false }),
      });
      const { version, fitted } = (await answer.json()) as { version: number; fitted: unknown };
      acknowledged.set(version, JSON.stringify(fitted));
      first.resolve();
    }
  });
  await first.promise;
  await wait(Math.random() * longest);
  service.kill('SIGKILL');
  await Promise.allSettled(writing);
  await ended;
  return acknowledged;
}

/** When the counts of a round began, as writer.ts has it. */
function spanOf(round: number): string {
  return `2026-01-01T00:00:00.${String(round).padStart(3, '0')}Z`;
}

async function checkAcknowledged(
  { versions, aliases, transformCounts, fits, answers }: Store,
  { versions: told, parts, last }: Acknowledged,
  round: number,
) {
  // What was not acknowledged any more may be there, too, and goes further.
  if (last.alias !== undefined) assert.ok(((await aliases.find('one', 'moved'))?.version ?? 0) >= last.alias);
  if (last.label !== undefined) assert.equal((await versions.details('one', last.label))?.description, 'moved to');
  if (last.counted !== undefined) {
    const [newest] = await transformCounts.since('one', 1, spanOf(round));
    assert.ok(new Float64Array(new Uint8Array(newest).buffer)[0] >= last.counted);
  }
  for (const { name, version, digest, key } of told) {
    assert.equal(digestOf(await versions.read(name, version)), digest, `${name} ${version}`);
    assert.equal(Buffer.from((await answers.find(key))?.body ?? '').toString(), String(version));
  }
  for (const { fit, part, digest } of parts) assert.equal(digestOf(await fits.document(fit, part)), digest, part);
}

/** Every version that is there is whole, and every number up to the newest was given to one. */
async function checkWhole({ versions }: Store): Promise<number> {
  let count = 0;
  for (const { name, version: newest, versions: there } of await versions.names(10)) {
    assert.equal(there, newest, `numbers of ${name} are left out`);
    for (const { version, digest } of await versions.list(name, newest)) {
      assert.equal(digestOf(await versions.read(name, version)), digest, `${name} ${version} is not whole`);
      count++;
    }
  }
  return count;
}

eachStore(`kill -9, ${kills} times`, (kind) => {
  test('every version and part that was acknowledged is there and whole, none is half there', {
    timeout: 600_000,
  }, async (t) => {
    const address = await kind.address();
    const store = await openStore(address, (error) => t.diagnostic(String(error)));
    let told = 0;
    try {
      for (let round = 0; round < kills; round++) {
        const acknowledged = await writeAndKill(address, round);
        await checkAcknowledged(store, acknowledged, round);
        told += acknowledged.versions.length;
      }
      const there = await checkWhole(store);
      assert.ok(told >= kills / 2, `only ${told} versions were written`);
      // What was written but not acknowledged before the kill may be there, too: one for each writer.
      assert.ok(there >= told && there <= told + 3 * kills, `${told} acknowledged, ${there} there`);
      t.diagnostic(`${kills} kills: ${told} versions acknowledged, ${there} there, all whole`);
    } finally {
      await store.close();
    }
  });

  test('the same of a service that is killed while clients store', { timeout: 600_000 }, async (t) => {
    const address = await kind.address();
    const told = new Map<number, string>();
    for (let round = 0; round < kills / 25; round++)
      for (const [version, document] of await serveAndKill(address)) told.set(version, document);
    const store = await openStore(address, (error) => t.diagnostic(String(error)));
    for (const [version, document] of told)
      assert.equal(Buffer.from((await store.versions.read('served', version)) ?? '').toString(), document);
    await checkWhole(store);
    await store.close();
    assert.ok(told.size > 0);
    t.diagnostic(`${told.size} versions acknowledged by services that were killed`);
  });
});
