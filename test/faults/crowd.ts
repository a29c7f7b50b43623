import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What clients were answered in a time. */
export interface Crowd {
  /** Milliseconds from a request to the end of its answer, by its status, in order. */
  times: Map<number, Float64Array>;
  /** Connections that ended before their answer. */
  cut: number;
  seconds: number;
  /** Refusals that do not say when to try again. */
  withoutRetryAfter: number;
}

export interface CrowdOptions {
  url: string;
  path: string;
  body: Uint8Array;
  /** Each of them has one request under way, and sends the next as soon as that is answered. */
  connections: number;
  seconds: number;
  /** Whether they come back when `Retry-After` says so. */
  heed?: boolean;
  /** Seconds at the start that do not count. */
  warmUp?: number;
}

const endOfHead = '\r\n\r\n';

/** Clients that send the same request again and again. */
export async function crowd({
  url,
  path,
  body,
  connections,
  seconds,
  heed = false,
  warmUp = 0,
}: CrowdOptions): Promise<Crowd> {
  const { hostname, port } = new URL(url);
  const head = `POST ${path} HTTP/1.1\r\nhost: norma\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  const message = Buffer.concat([Buffer.from(head + endOfHead), body]);
  const times = new Map<number, number[]>();
  let [cut, withoutRetryAfter, counts, over] = [0, 0, false, false];

  function open(): void {
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    let sent = 0;
    let answer: Buffer = Buffer.alloc(0);
    const send = () => {
      sent = performance.now();
      socket.write(message);
    };
    const again = () => (over ? socket.destroy() : send());
    const take = (chunk: Buffer) => {
      answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
      const end = answer.indexOf(endOfHead);
      if (end < 0) return;
      const text = answer.toString('latin1', 0, end);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
      if (answer.length < end + endOfHead.length + length) return;
      const status = Number(text.slice(9, 12));
      answer = Buffer.alloc(0);
      if (counts) {
        const list = times.get(status) ?? [];
        if (list.length === 0) times.set(status, list);
        list.push(performance.now() - sent);
        if (status === 503 && !/\r\nretry-after: \d+/i.test(text)) withoutRetryAfter += 1;
      }
      const retryAfter = heed ? Number(/\r\nretry-after: (\d+)/i.exec(text)?.[1] ?? 0) : 0;
      if (over) socket.destroy();
      else if (retryAfter > 0) setTimeout(again, retryAfter * 1000).unref();
      else send();
    };
    socket.once('connect', send).on('data', take);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (over) return;
      cut += 1;
      open();
    });
  }

  for (let at = 0; at < connections; at++) open();
  await wait(warmUp * 1000);
  counts = true;
  const started = performance.now();
  await wait(seconds * 1000);
  over = true;
  counts = false;
  const taken = (performance.now() - started) / 1000;
  // Those under way are answered, too.
  await wait(500);
  const sorted = Array.from(times, ([status, list]) => [status, Float64Array.from(list).sort()] as const);
  return { times: new Map(sorted), cut, seconds: taken, withoutRetryAfter };
}

/** The time that a share of the answers took at most. */
export function timeOf(times: Float64Array | undefined, share: number): number {
  return times?.[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
}
