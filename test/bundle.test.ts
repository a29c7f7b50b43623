/** What the image runs is made of the same sources, and does the same. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test, type TestContext } from 'node:test';
import { methods } from '#normalizers/registry.ts';
import { audience, claimsOf, issuer, issuing, keySet, tokenOf } from './access/token.ts';
import { fuzz } from './fuzz/fuzz.ts';
import { startProcess } from './process.ts';
import { noPostgres, startPostgres } from './store/postgres.ts';

before(() => {
  execFileSync(process.execPath, ['docker/bundle.ts'], { stdio: 'inherit' });
});

const start = (t: TestContext, settings?: Record<string, string>) => startProcess(t, settings, 'dist/server.js');

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'norma-bundle-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function statusOfStoring(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { status } = await fetch(`${url}/v1/normalizers/kept/versions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ normalizer: { method: 'minmax' }, data: [1, 3] }),
  });
  return status;
}

test('requests of every kind are answered as the OpenAPI document says, which is that of the sources', async (t) => {
  const { url } = await start(t, { NORMA_WORKERS: '2' });
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as object;
  assert.deepEqual(document, JSON.parse(readFileSync('openapi/openapi.json', 'utf8')));
  const { statuses, faults } = await fuzz(url, { count: 400, seed: 2 });
  assert.deepEqual([...faults.keys()], []);
  // Most operations want something that is stored, and names are drawn at random.
  assert.ok(statuses[200] > 50, `hardly anything succeeds: ${JSON.stringify(statuses)}`);
});

test('it has all methods', async (t) => {
  const { url } = await start(t);
  const { methods: served } = (await (await fetch(`${url}/v1/methods`)).json()) as { methods: { method: string }[] };
  assert.deepEqual(served.map(({ method }) => method).sort(), methods.map(({ name }) => name).sort());
});

test('it has the files of its page', async (t) => {
  const { url } = await start(t);
  const page = await (await fetch(`${url}/docs/`)).text();
  const files = [...page.matchAll(/(?:src|href)="\.?\/?([^"]+\.(?:js|css|png))"/g)].map(([, file]) => file);
  assert.ok(files.length >= 4, page);
  for (const file of files) assert.equal((await fetch(new URL(file, `${url}/docs/`))).status, 200, file);
});

test('what is stored in a file is there again after a start, for whom a token lets in', async (t) => {
  const folder = folderFor(t);
  const keys = join(folder, 'keys.json');
  writeFileSync(keys, JSON.stringify(keySet(issuing)));
  const settings = {
    NORMA_STORE: `sqlite:${join(folder, 'norma.db')}`,
    NORMA_JWKS: keys,
    NORMA_JWT_ISSUER: issuer,
    NORMA_JWT_AUDIENCE: audience,
  };
  const authorization = `Bearer ${tokenOf(claimsOf('write'))}`;
  const first = await start(t, settings);
  assert.equal(await statusOfStoring(first.url, { authorization }), 201);
  first.process.kill('SIGTERM');
  assert.deepEqual(await first.ended, [0, null]);
  const second = await start(t, settings);
  assert.equal((await fetch(`${second.url}/v1/normalizers/kept`)).status, 401);
  assert.equal((await fetch(`${second.url}/v1/normalizers/kept`, { headers: { authorization } })).status, 200);
});

test('it keeps normalizers in PostgreSQL', { skip: noPostgres }, async (t) => {
  const postgres = await startPostgres();
  t.after(() => postgres.close());
  const { url } = await start(t, { NORMA_STORE: await postgres.newDatabase() });
  assert.equal(await statusOfStoring(url), 201);
});

test('it sends traces to a collector', async (t) => {
  const collector = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  t.after(() => collector.close());
  const asked = once(collector, 'request');
  const { port } = collector.address() as AddressInfo;
  const { url } = await start(t, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
  assert.equal((await fetch(`${url}/v1/methods`)).status, 200);
  const [{ url: path }] = (await asked) as [{ url: string }];
  assert.equal(path, '/v1/traces');
});
