/**
 * What streams is not held: a body larger than anything the service may keep goes through, by the real process. 256 MiB by
 * default; NORMA_TEST_BODY=1073741824 for the figures of docs/deployment.md.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { residentMemory, startProcess } from '../process.ts';
import { npyHeader, npyOf } from '../formats/arrays.ts';
import { exchange, jsonOf, type Sent } from './exchange.ts';
import { multipartOf } from '../formats/multipart/multiparts.ts';

const mebibyte = 2 ** 20;
const bytes = Number(process.env.NORMA_TEST_BODY ?? 256 * mebibyte);

/** What the peak of the resident memory may lie above an idle service. */
const mostAbove = 150 * mebibyte;

const npy = 'application/x-npy';
const columns = 64;
const chunkRows = mebibyte / 4 / columns;
const rows = (bytes / mebibyte) * chunkRows;

/** The same mebibyte again and again: its mean and deviation are those of all, and so is each of its rows. */
const values = Float32Array.from({ length: chunkRows * columns }, (_, at) => Math.sin(at) * 10 + (at % columns));
const chunk = new Uint8Array(values.buffer);

function* pieces(before: Uint8Array, after: Uint8Array = new Uint8Array(0)): Generator<Uint8Array> {
  yield before;
  for (let at = 0; at < rows / chunkRows; at++) yield chunk;
  yield after;
}

test(`${bytes / mebibyte} MiB of float32 through a fitted z-score take less than 150 MiB, and come out right`, {
  skip: process.platform !== 'linux' && 'the memory of a process is read from /proc',
  timeout: 110_000,
}, async (t) => {
  const { url, process: child } = await startProcess(t, { NORMA_WORKERS: '2', NORMA_BODY_LIMIT: '256MiB' });
  const idle = residentMemory(child);
  const post = (path: string, more: Partial<Sent>) => exchange({ url: url + path, within: 100, ...more });

  const fit = await post('/v1/fit?method=zscore&include=fitted', {
    pieces: [npyOf(values, [chunkRows, columns])],
    headers: { 'content-type': npy },
  });
  const { fitted } = jsonOf(fit);
  const { mean, scale } = fitted.parameters as { mean: number[]; scale: number[] };
  const expected = Buffer.from(
    Float32Array.from(values, (value, at) => (value - mean[at % columns]) / scale[at % columns]).buffer,
  );

  /** Compares an answer, as it comes, with the expected mebibyte again and again. */
  function compared(start: number) {
    const seen = { length: -start, wrong: 0 };
    const onData = (piece: Buffer) => {
      for (let at = Math.max(0, -seen.length); at < piece.length; ) {
        const place = (seen.length + at) % expected.length;
        const count = Math.min(piece.length - at, expected.length - place);
        if (piece.compare(expected, place, place + count, at, at + count) !== 0) seen.wrong++;
        at += count;
      }
      seen.length += piece.length;
    };
    return { seen, onData };
  }

  const header = npyHeader('float32', [rows, columns]);
  const boundary = 'memory';
  const form = multipartOf(boundary, {
    request: JSON.stringify({ fitted }),
    data: { type: npy, content: '<data>' },
  });
  const at = form.indexOf('<data>');
  const [before, after] = [Buffer.concat([form.subarray(0, at), header]), form.subarray(at + '<data>'.length)];
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}`, accept: npy };

  for (const readsLate of [false, true]) {
    const { seen, onData } = compared(header.length);
    const started = performance.now();
    const reply = await post('/v1/transform', { pieces: pieces(before, after), headers, readsLate, onData });
    assert.deepEqual([reply.status, reply.cut, seen], [200, false, { length: bytes, wrong: 0 }]);
    const above = residentMemory(child, 'peak') - idle;
    const seconds = (performance.now() - started) / 1000;
    t.diagnostic(
      `${readsLate ? 'read after all was sent' : 'read while it was sent'}: ${seconds.toFixed(1)} s, peak ${(above / mebibyte).toFixed(0)} MiB above ${(idle / mebibyte).toFixed(0)}`,
    );
    assert.ok(above < mostAbove, `${above / mebibyte} MiB above idle`);
  }
});
