/** SIGTERM under load: every request that reached the service has its whole answer. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { writeNpyHeader } from '#formats/npy/header.ts';
import { startProcess } from '../process.ts';
import { startService } from '../service.ts';
import { head, openTo } from './socket.ts';

/** Requests that are answered before the signal; 10,000 where it is to be shown at length. */
const count = Number(process.env.NORMA_STOP_REQUESTS ?? 1000);

const connections = 32;

interface Outcome {
  kind: 'answered' | 'refused' | 'not connected' | 'lost';
  why?: string;
  closes?: boolean;
}

const body = JSON.stringify({ normalizer: { method: 'norm' }, data: [[3, 4]], include: ['data'] });

async function ask(url: string, agent: Agent): Promise<Outcome> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const asked = request(`${url}/v1/normalize`, { method: 'POST', agent, headers });
  try {
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const answered = JSON.parse(await text(answer));
    const closes = answer.headers.connection === 'close';
    if (answer.statusCode === 200) assert.deepEqual(answered.data, [[0.6, 0.8]]);
    else assert.equal(answered.code, 'unavailable');
    return { kind: answer.statusCode === 200 ? 'answered' : 'refused', closes };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { kind: code === 'ECONNREFUSED' ? 'not connected' : 'lost', why: message };
  }
}

test(`SIGTERM after ${count} answers over ${connections} connections: none is lost, and it exits 0 in time`, async (t) => {
  const { url, process: server, ended } = await startProcess(t, { NORMA_WORKERS: '2' });
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  t.after(() => agent.destroy());
  const outcomes: Outcome[] = [];
  let stopped = Number.NaN;

  async function client(): Promise<void> {
    for (;;) {
      const outcome = await ask(url, agent);
      outcomes.push(outcome);
      if (outcome.kind === 'not connected' || outcome.kind === 'lost') return;
      if (outcomes.length === count) {
        server.kill('SIGTERM');
        stopped = performance.now();
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, client));
  assert.ok(outcomes.length >= count, JSON.stringify(outcomes.at(-1)));
  assert.deepEqual(await ended, [0, null]);
  assert.ok(performance.now() - stopped < 10_000);

  const of = (kind: Outcome['kind']) => outcomes.filter((outcome) => outcome.kind === kind);
  const { length: answered } = of('answered');
  t.diagnostic(
    `${answered} answered, ${of('refused').length} refused, ${of('lost').length} lost, of ${outcomes.length}`,
  );
  assert.deepEqual(of('lost'), []);
  assert.ok(answered >= count, `${answered} answers`);
  for (const { closes } of of('refused')) assert.ok(closes, 'a refused request keeps its connection');
});

test('an answer that streams when the signal comes is sent to its end, over a connection that is kept alive', async (t) => {
  const { url, process: server, ended } = await startProcess(t, { NORMA_WORKERS: '2' });
  const rows = 200_000;
  const header = writeNpyHeader('uint8', [rows, 100]);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const sent = request(`${url}/v1/normalize?method=norm&output_dtype=float32`, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/x-npy', accept: 'application/x-npy' },
  });
  sent.write(header);
  sent.end(new Uint8Array(rows * 100).fill(1));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  server.kill('SIGTERM');
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) length += chunk.length;
  assert.equal(length, writeNpyHeader('float32', [rows, 100]).length + rows * 400);
  assert.deepEqual(await ended, [0, null]);
});

test('answers that are written when the service stops, and wait for their client to read, come whole', async () => {
  const service = await startService();
  const connection = await openTo(service.url);
  connection.socket.pause();
  const data = Array.from({ length: 10_000 }, () => [3, 4]);
  const large = JSON.stringify({ normalizer: { method: 'norm' }, data, include: ['data'] });
  // More than the buffers between the two of them hold.
  for (let at = 0; at < 60; at++) connection.write(head('/v1/normalize', { 'content-length': large.length }) + large);
  await wait(1500);
  const closed = service.close();
  await wait(50);
  connection.socket.resume();
  await closed;
  const answers = (await connection.ended()).split(/(?=HTTP\/1\.1 )/);
  assert.ok(answers.length > 10, `only ${answers.length} answers came`);
  for (const answer of answers) JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
});

test('a client that was refused and has not sent its body does not hold the end', { timeout: 30_000 }, async () => {
  const service = await startService({ bodyLimit: 1000, keepAliveTimeout: 1000, stallTimeout: 1000 });
  const connection = await openTo(service.url);
  connection.write(`${head('/v1/normalize', { 'content-length': 100_000 })}{"data"`);
  while (!connection.received().includes('}')) await wait(10);
  assert.match(connection.received(), /^HTTP\/1.1 413 /);
  await service.close();
  await connection.ended();
});
