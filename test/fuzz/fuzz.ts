import { Agent, request } from 'node:http';
import { readDocument } from './document.ts';
import { faultOf, type Received } from './judge.ts';
import { randomFrom } from './random.ts';
import { type Known, requestsOf, type Sent } from './requests.ts';
import { seedsByType } from './seeds.ts';

export interface Fuzzed {
  /** How many answers had each status. */
  statuses: Record<number, number>;
  /** What was wrong, each once, with the first request that showed it. */
  faults: Map<string, string>;
}

export interface FuzzOptions {
  count: number;
  /** The request with a number is the same whenever the seed is, but for what earlier answers brought. */
  seed: number;
  connections?: number;
  onProgress?(done: number): void;
}

/** Milliseconds after which a request that stands still is a fault. */
const patience = 30_000;

/** Values that later requests can name, of each kind. */
const mostKnown = 50;

/** Sends requests made of the OpenAPI document that a service serves, and holds every answer to it. */
export async function fuzz(url: string, { count, seed, connections = 8, onProgress }: FuzzOptions): Promise<Fuzzed> {
  const document = readDocument(await (await fetch(`${url}/openapi.json`)).json());
  const known: Known = { fitted: [], names: [], fits: [] };
  const make = requestsOf(document, await seedsByType(), known);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const fuzzed: Fuzzed = { statuses: {}, faults: new Map() };
  let next = 0;

  async function client(): Promise<void> {
    while (next < count) {
      const number = next++;
      const sent = make(randomFrom(seed * 1_000_003 + number));
      const received = await exchange(url, sent, agent);
      const fault = typeof received === 'string' ? received : faultOf(document, sent, received);
      if (typeof received !== 'string') {
        fuzzed.statuses[received.status] = (fuzzed.statuses[received.status] ?? 0) + 1;
        remember(received, known);
      }
      if (fault) note(sent, fault, received);
      onProgress?.(number);
    }
  }

  function note(sent: Sent, fault: string, received: Received | string): void {
    const about = `${sent.method} ${sent.operation.path}: ${fault}`;
    if (fuzzed.faults.has(about)) return;
    const body = sent.body && Buffer.from(sent.body).toString('latin1').slice(0, 1500);
    const answer = typeof received === 'string' ? '' : received.body.toString().slice(0, 500);
    fuzzed.faults.set(about, JSON.stringify({ ...sent, operation: undefined, body, answer }));
  }

  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return fuzzed;
}

function remember({ status, type, body }: Received, known: Known): void {
  if (status >= 300 || !type?.startsWith('application/json') || body.length > 20_000) return;
  const answer = JSON.parse(body.toString());
  const keep = (list: unknown[], value: unknown) => {
    if (value === undefined) return;
    list.push(value);
    if (list.length > mostKnown) list.shift();
  };
  keep(known.fitted, answer.fitted);
  if (typeof answer.name === 'string' && 'version' in answer) keep(known.names, answer.name);
  if (typeof answer.id === 'string' && 'parts' in answer) keep(known.fits, answer.id);
}

/** The answer, or what went wrong on the way. */
function exchange(url: string, { method, path, headers, body }: Sent, agent: Agent): Promise<Received | string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let asked: ReturnType<typeof request>;
    try {
      // Not as a URL, which would tidy the path up.
      asked = request({
        hostname,
        port,
        path,
        method,
        agent,
        headers: { ...headers, 'content-length': body?.length ?? 0 },
      });
    } catch (error) {
      // What Node's client does not send, such as a header with a line break.
      resolve(`not sent: ${(error as Error).message}`);
      return;
    }
    asked.setTimeout(patience, () => asked.destroy(new Error('no answer in time')));
    asked.on('error', (error) => resolve(`no answer: ${error.message}`));
    asked.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', (error) => resolve(`the answer was cut: ${error.message}`));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'], body: Buffer.concat(chunks) }),
      );
    });
    asked.end(body);
  });
}
