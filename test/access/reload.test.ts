/** Keys that change while the service runs, rights that other issuers write otherwise, and issuers that are away. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTokenVerifier } from '#access/tokens.ts';
import { watchFile } from '#access/watch-file.ts';
import { readConfig } from '../../src/config/config.ts';
import { claimsOf, issuing, keySet, tokenOf, tokens } from './token.ts';

test('a file that is swapped is read again, one that cannot be used is told of once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'norma-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys');
  const swap = (text: string) => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  swap('one');
  const seen: string[] = [];
  const faults: string[] = [];
  const read = (text: string) => {
    if (text === 'bad') throw new Error('contains no key');
    seen.push(text);
  };
  t.after(watchFile(file, read, ({ message }) => faults.push(message), 5));
  await wait(60);
  for (const text of ['two', 'bad', 'three']) {
    swap(text);
    await wait(60);
  }
  rmSync(file);
  await wait(60);
  assert.deepEqual(seen, ['two', 'three']);
  assert.equal(faults[0], 'contains no key');
  assert.match(faults[1], /ENOENT/);
  assert.equal(faults.length, 2);
});

test('rights come from the claim that is named, in the forms of issuers, and by a map', async () => {
  for (const [rightsClaim, claims, right] of [
    ['roles', { roles: ['other', 'norma:write'] }, 'write'],
    ['scp', { scp: 'openid read' }, 'read'],
    ['realm_access.roles', { realm_access: { roles: ['norma-admins'] } }, 'admin'],
    ['https://example.org/permissions', { 'https://example.org/permissions': ['read'] }, 'read'],
    ['roles', { scope: 'admin' }, undefined],
    ['roles', { roles: { admin: true } }, undefined],
    ['a.b.c', { a: 'admin' }, undefined],
    ['roles', { roles: ['constructor', '__proto__'] }, undefined],
  ] as const) {
    const verify = await createTokenVerifier({ ...tokens, rightsClaim, rights: { 'norma-admins': 'admin' } });
    const caller = await verify(tokenOf(claimsOf(undefined, claims)));
    assert.equal(caller.right, right, JSON.stringify(claims));
  }
});

test('a token must name its caller, and a long name is cut without becoming that of another', async () => {
  const verify = await createTokenVerifier({ ...tokens, callerClaim: 'azp' });
  await assert.rejects(verify(tokenOf(claimsOf('read'))), { code: 'unauthenticated' });
  const names = await Promise.all(
    ['x', 'y'].map(async (end) => (await verify(tokenOf(claimsOf('read', { azp: 'a'.repeat(8000) + end })))).name),
  );
  assert.ok(names[0] !== names[1] && names.every((name) => name.length < 200));
});

test('keys of an issuer that goes away stay, and that they cannot be had is told once', async (t) => {
  let answers = true;
  const issuer = createServer((_request, response) => {
    if (answers) response.end(JSON.stringify(keySet(issuing)));
    else response.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  t.after(() => issuer.close());
  const jwks = new URL(`http://127.0.0.1:${(issuer.address() as AddressInfo).port}/`);
  const reasons: string[] = [];
  const settings = { ...tokens, jwks };
  const verify = await createTokenVerifier(settings, (error) => reasons.push((error as Error).message));
  const token = tokenOf(claimsOf('read'));
  answers = false;
  for (let at = 0; at < 2; at++) await assert.rejects(verify(token), { code: 'unavailable' });
  assert.deepEqual(reasons, ['The issuer answers 500 for its keys.']);
  answers = true;
  assert.equal((await verify(token)).right, 'read');
});

test('secrets may stand in files, and in no message', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'norma-secrets-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const url = 'postgres://norma:secret@host/norma';
  const config = readConfig({
    NORMA_STORE_FILE: write('store', `${url}\n`),
    NORMA_API_KEYS_FILE: write('keys', `# of CI\nci:read:${hash('sha256', 'key')}\n`),
  });
  assert.deepEqual(config.store, { kind: 'postgres', url });
  assert.deepEqual(
    config.apiKeys.map(({ name }) => name),
    ['ci'],
  );
  assert.equal(config.apiKeysFile, join(folder, 'keys'));
  for (const environment of [
    { NORMA_STORE: 'postgres://norma:abcd/EFGHsecret@db/n' },
    { NORMA_STORE: 'postgres://norma:12/EFGHsecret@db/n' },
    { NORMA_STORE: 'postgres://norma:a@secret@db/n', NORMA_STORE_FILE: '/nothing' },
    { NORMA_STORE_FILE: write('bad', 'postgres://norma:secret/x@db/n') },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:secret@collector:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:sec/secret@collector:4318' },
    { OTEL_EXPORTER_OTLP_HEADERS: 'secret' },
    { OTEL_EXPORTER_OTLP_HEADERS: 'a=secret%zz', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
  ]) {
    const [name] = Object.keys(environment);
    assert.throws(
      () => readConfig(environment),
      ({ message }: Error) =>
        message.includes(name.replace(/_FILE$/, '')) && !message.includes('secret@') && !/[=:]secret/.test(message),
      JSON.stringify(environment),
    );
  }
});
