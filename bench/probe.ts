import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { quantile } from './quartiles.ts';
import type { Server } from './servers.ts';

/** Milliseconds from one question to the next. */
const interval = 5;

/** Asks a server again and again, from a thread of its own, whether it lives, and gives the milliseconds that took. */
export async function probeWhile({ port }: Server, work: () => Promise<unknown>) {
  const prober = new Worker(new URL(import.meta.url), { workerData: port });
  try {
    await once(prober, 'message');
    const end = work().then(() => prober.postMessage('stop'));
    const [[latencies]] = await Promise.all([once(prober, 'message') as Promise<number[][]>, end]);
    return { worst: Math.max(...latencies), p99: quantile(latencies, 0.99) };
  } finally {
    await prober.terminate();
  }
}

async function probe(parent: NonNullable<typeof parentPort>): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  for (let warming = 0; warming < 100; warming++) await ask(agent);
  const answers: Promise<number>[] = [];
  // A question does not wait for the answer to the one before.
  const timer = setInterval(() => answers.push(ask(agent)), interval);
  const stopped = once(parent, 'message');
  parent.postMessage('warm');
  await stopped;
  clearInterval(timer);
  parent.postMessage(await Promise.all(answers));
}

function ask(agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const sent = get({ port: workerData, host: '127.0.0.1', path: '/health/live', agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(performance.now() - started));
    });
    sent.on('error', reject);
  });
}

if (!isMainThread && parentPort) await probe(parentPort);
