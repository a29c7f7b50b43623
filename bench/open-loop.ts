import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, inTurn, openConnection } from './connection.ts';
import type { Message } from './send-request.ts';
import type { Server } from './servers.ts';

/** Milliseconds after which the last answers are given up. */
const patience = 30_000;

/**
 * Sends `count` requests, `rate` a second whether the ones before were answered or not, and gives each one's
 * milliseconds. A request takes a connection that is free, or a new one.
 */
export async function askSteadily(
  server: Server,
  messages: readonly Message[],
  rate: number,
  count: number,
): Promise<number[]> {
  const requests = inTurn(messages);
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  const latencies: number[] = [];
  const opened: Connection[] = [];
  const free: { send(): void }[] = [];

  function open(): { send(): void } {
    let sentAt = 0;
    const connection = openConnection(
      server,
      requests,
      () => {
        latencies.push(performance.now() - sentAt);
        free.push(one);
        if (latencies.length === count) resolve();
      },
      reject,
    );
    opened.push(connection);
    const one = {
      send() {
        sentAt = performance.now();
        connection.send();
      },
    };
    return one;
  }

  async function sendAll(): Promise<void> {
    const started = performance.now();
    for (let sent = 0; sent < count; ) {
      const due = Math.min(count, Math.floor(((performance.now() - started) * rate) / 1000) + 1);
      for (; sent < due; sent++) (free.pop() ?? open()).send();
      await sleep(1);
    }
  }

  const timeout = (count / rate) * 1000 + patience;
  const timer = setTimeout(() => reject(new Error(`${latencies.length} of ${count} answers.`)), timeout);
  try {
    await Promise.all([sendAll(), finished]);
    return latencies;
  } finally {
    clearTimeout(timer);
    for (const connection of opened) connection.close();
  }
}
