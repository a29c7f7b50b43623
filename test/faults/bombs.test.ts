/**
 * JSON that is made to cost far more than it is: each body is refused by a documented problem, health answers meanwhile, and
 * the process stays as large as one of them makes it. NORMA_BOMB_BYTES says how large they are: 250000000 takes a minute.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { exchange, jsonOf } from '../http/exchange.ts';
import { residentMemory, type ServerProcess, startProcess } from '../process.ts';

const size = Number(process.env.NORMA_BOMB_BYTES ?? 8e6);
const mebibyte = 2 ** 20;
const onLinux = process.platform === 'linux';

/** What the process may grow by: two threads with text, lists and numbers of one body each, and garbage not yet collected. */
const mostGrowth = 16 * size + 300 * mebibyte;

const head = '{"normalizer":{"method":"norm"},"data":';

/** A text of the size, a unit again and again between two others, in pieces that are one and the same. */
function* repeated(begin: string, unit: string, end = '', length = size): Generator<Uint8Array> {
  const piece = Buffer.from(unit.repeat(Math.floor(mebibyte / unit.length)));
  yield Buffer.from(begin);
  const bytes = Math.floor((length - begin.length - end.length) / unit.length) * unit.length;
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, left);
  yield Buffer.from(end);
}

const emptyLists = () => repeated(`${head}[`, '[],', '[]]}');

type Bomb = [what: string, status: number, code: string, pieces: () => Iterable<Uint8Array>, coding?: string];

const bombs: Bomb[] = [
  ['open brackets', 413, 'body_too_large', () => repeated(head, '[')],
  ['open objects', 413, 'body_too_large', () => repeated('', '{"a":')],
  ['empty lists', 413, 'body_too_large', emptyLists],
  ['lists of rank 9', 413, 'body_too_large', () => repeated(`${head}[`, '[[[[[[[[1]]]]]]]],', '[[[[[[[[1]]]]]]]]]}')],
  ['lists of rank 9, few of them', 422, 'rank_too_high', () => [Buffer.from(`${head}[[[[[[[[[1]]]]]]]]]}`)]],
  ['small rows', 413, 'body_too_large', () => repeated(`${head}[`, '[1],', '[1]]}')],
  ['more numbers than may be held', 413, 'body_too_large', () => repeated(`${head}[`, '1,', '1]}')],
  ['members', 413, 'body_too_large', () => repeated('{', '"a":1,', '"a":1}')],
  ['one number', 400, 'invalid_data', () => repeated(`${head}[`, '9', ']}')],
  ['one string', 400, 'invalid_data', () => repeated(`${head}["`, 'a', '"]}')],
  ['strings', 400, 'invalid_data', () => repeated(`${head}[`, '"",', '""]}')],
  ['escapes without an end', 400, 'invalid_json', () => repeated(`${head}["`, '\\u0000')],
  ['blanks', 400, 'invalid_json', () => repeated('', ' ')],
  ['more bytes than the limit', 413, 'body_too_large', () => repeated(head, '[', '', 2 * size)],
  ['brackets that inflate', 413, 'body_too_large', () => [gzipSync('['.repeat(size + mebibyte))], 'gzip'],
];

const settings = { NORMA_WORKERS: '2', NORMA_BODY_LIMIT: String(size + mebibyte / 2) };

/** Sends it, and asks for health until it is answered: how long that took, in milliseconds. */
async function drop(
  { url }: ServerProcess,
  [what, status, code, pieces, coding = 'identity']: Bomb,
): Promise<number[]> {
  const headers = { 'content-type': 'application/json', 'content-encoding': coding };
  let isAnswered = false;
  const answer = exchange({ url: `${url}/v1/normalize`, pieces: pieces(), headers, within: 100 }).finally(
    () => (isAnswered = true),
  );
  const health: number[] = [];
  do {
    const asked = performance.now();
    assert.equal((await fetch(`${url}/health/live`)).status, 200);
    health.push(performance.now() - asked);
    await wait(10);
  } while (!isAnswered);
  const reply = await answer;
  assert.equal(reply.headers['content-type'], 'application/problem+json', what);
  const { detail, ...problem } = jsonOf(reply);
  assert.deepEqual([reply.status, problem.code], [status, code], `${what}: ${detail}`);
  assert.ok(reply.body.length < 2500, `${what}: ${reply.body.length} bytes`);
  return health;
}

test(`${bombs.length} bombs of ${size} bytes are refused, health answers, and memory is bounded`, {
  timeout: 110_000,
}, async (t) => {
  const server = await startProcess(t, settings);
  const idle = onLinux ? residentMemory(server.process) : 0;
  const health: number[] = [];
  for (const bomb of bombs) health.push(...(await drop(server, bomb)));
  health.sort((one, other) => one - other);
  t.diagnostic(`health ${health.at(-1)?.toFixed(0)} ms at most`);
  assert.ok(health[health.length >> 1] < 250, `health takes ${health[health.length >> 1]} ms`);
  if (!onLinux) return;
  const grown = residentMemory(server.process, 'peak') - idle;
  t.diagnostic(`peak ${(grown / mebibyte).toFixed(0)} MiB above ${(idle / mebibyte).toFixed(0)}`);
  assert.ok(grown < mostGrowth, `the process has grown by ${grown / mebibyte} MiB`);
});

test('one after the other they do not pile up', {
  skip: !onLinux && 'the memory of a process is read from /proc',
  timeout: 110_000,
}, async (t) => {
  const server = await startProcess(t, settings);
  const bomb: Bomb = ['empty lists', 413, 'body_too_large', emptyLists];
  for (let times = 0; times < 4; times++) await drop(server, bomb);
  const early = residentMemory(server.process);
  for (let times = 0; times < 16; times++) await drop(server, bomb);
  const grown = residentMemory(server.process) - early;
  t.diagnostic(`${(grown / mebibyte).toFixed(0)} MiB more after 16 times`);
  assert.ok(grown < 10 * size, `the process has grown by ${grown / mebibyte} MiB`);
});
