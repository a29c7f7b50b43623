/** What is compiled is kept for the next start, and nothing depends on that. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProcess } from './process.ts';

/** Starts the server, asks it for something, and ends it as a platform does. */
async function startAndStop(t: Parameters<typeof startProcess>[0], cache: string): Promise<void> {
  const { url, process: server, ended } = await startProcess(t, { NODE_COMPILE_CACHE: cache });
  const body = JSON.stringify({ normalizer: { method: 'minmax' }, data: [1, 3] });
  const answer = await fetch(`${url}/v1/normalize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.deepEqual(((await answer.json()) as { data: number[] }).data, [0, 1]);
  server.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
}

test('what the process and its threads compile is kept, and kept code that is broken is compiled anew', async (t) => {
  const cache = mkdtempSync(join(tmpdir(), 'norma-compiled-'));
  t.after(() => rmSync(cache, { recursive: true }));
  await startAndStop(t, cache);
  const files = readdirSync(cache, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const kept = files.map((file) => readFileSync(file, 'latin1'));
  for (const [whose, text] of [
    ['the process', 'Assembles the service in one explicit order'],
    ['a thread of the pool', 'The buffers of a result that go back by transfer.'],
  ])
    assert.ok(
      kept.some((code) => code.includes(text)),
      `nothing of ${whose} is kept`,
    );
  for (const file of files) writeFileSync(file, 'broken');
  await startAndStop(t, cache);
});

test('where nothing can be kept the service starts all the same', (t) => startAndStop(t, '/dev/null/compiled'));
