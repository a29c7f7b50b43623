/** A client that behaves, and a platform that asks for health, in a process of their own: nothing but the service keeps them waiting. */
import { setTimeout as wait } from 'node:timers/promises';

/** What they have seen so far. */
export interface Seen {
  /** How often small requests were answered with each status, or not at all. */
  statuses: Record<string, number>;
  slowestMs: number;
  health: Record<string, number>;
  slowestHealthMs: number;
}

const [, , url] = process.argv;
const seen: Seen = { statuses: {}, slowestMs: 0, health: {}, slowestHealthMs: 0 };
const headers = { 'content-type': 'application/json' };
const body = JSON.stringify({ normalizer: { method: 'norm' }, data: [3, 4], include: ['data'] });

async function ask(path: string, init: RequestInit): Promise<{ status: string; ms: number }> {
  const from = performance.now();
  const status = await fetch(url + path, { ...init, signal: AbortSignal.timeout(60_000) }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return String(answer.status);
    },
    (error: Error) => error.message,
  );
  return { status, ms: performance.now() - from };
}

const count = (counts: Record<string, number>, status: string) => (counts[status] = (counts[status] ?? 0) + 1);

async function work(): Promise<void> {
  for (;;) {
    const { status, ms } = await ask('/v1/normalize', { method: 'POST', headers, body });
    count(seen.statuses, status);
    seen.slowestMs = Math.max(seen.slowestMs, ms);
    await wait(20);
  }
}

async function probe(): Promise<void> {
  for (;;) {
    const { status, ms } = await ask('/health/live', { headers: { connection: 'close' } });
    count(seen.health, status);
    seen.slowestHealthMs = Math.max(seen.slowestHealthMs, ms);
    await wait(50);
  }
}

process.once('message', () => process.send?.(seen, () => process.exit()));
process.once('disconnect', () => process.exit());
void Promise.all([work(), probe()]);
