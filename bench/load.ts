import { type Connection, inTurn, openConnection } from './connection.ts';
import type { Message } from './send-request.ts';
import type { Server } from './servers.ts';

/** Milliseconds after which a load is given up. */
const patience = 60_000;

/**
 * Sends `count` requests over `connections` connections, one after the other on each, and gives the requests per second.
 * @param messages are sent in turns
 */
export async function load(
  server: Server,
  messages: readonly Message[],
  connections: number,
  count: number,
): Promise<number> {
  const requests = inTurn(messages);
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  let sent = 0;
  let answered = 0;

  function open(): Connection {
    const connection = openConnection(server, requests, take, reject);
    function send(): void {
      if (sent === count) return;
      sent += 1;
      connection.send();
    }
    function take(): void {
      answered += 1;
      if (answered === count) resolve();
      else send();
    }
    send();
    return connection;
  }

  const started = performance.now();
  const opened = Array.from({ length: connections }, open);
  const timer = setTimeout(() => reject(new Error(`${answered} of ${count} answers after ${patience} ms.`)), patience);
  try {
    await finished;
    return (1000 * count) / (performance.now() - started);
  } finally {
    clearTimeout(timer);
    for (const connection of opened) connection.close();
  }
}
