/** Who may change what is stored, and that it is written down. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readApiKeys } from '#access/api-keys.ts';
import { sha256 } from '../access/token.ts';
import { type Service, startService } from '../service.ts';

const rights = ['read', 'write', 'admin'] as const;
const apiKeys = readApiKeys(rights.map((right) => `${right}er:${right}:${sha256(right)}`).join(' '));

let service: Service;
const lines: string[] = [];
before(async () => {
  const log = { write: (line: string) => void lines.push(line) };
  service = await startService({ apiKeys, workers: 1, logLevel: 'info' }, undefined, log);
});
after(() => service.close());

const as = (right: string) => ({ authorization: `Bearer ${right}` });
const path = '/v1/normalizers/a';
const data = [[1], [2], [3]];

/** Each call with the least right that it takes, in an order in which all succeed. */
const calls: [right: (typeof rights)[number], method: string, path: string, body?: unknown][] = [
  ['write', 'POST', `${path}/versions`, { normalizer: { method: 'zscore' }, data }],
  ['write', 'POST', `${path}/update`, { data }],
  ['write', 'PUT', `${path}/aliases/live`, { version: 1 }],
  ['read', 'GET', `${path}/aliases/live`],
  ['write', 'PATCH', `${path}/versions/live`, { tags: { team: 'risk' } }],
  ['read', 'GET', `${path}/versions/live/info`],
  ['read', 'GET', `${path}/versions`],
  ['read', 'GET', `${path}/diff?from=live`],
  ['read', 'POST', `${path}/drift`, { data }],
  ['read', 'GET', `${path}/drift?window=1h`],
  ['write', 'DELETE', `${path}/aliases/live`],
  ['admin', 'DELETE', `${path}/versions/1`],
  ['admin', 'DELETE', path],
];

test('each call takes the right that it needs, and no less', async () => {
  for (const [right, method, to, body] of calls) {
    const lesser = rights[rights.indexOf(right) - 1];
    if (lesser) assert.equal((await service.send(method, to, body, as(lesser))).status, 403, `${method} ${to}`);
    assert.equal((await service.send(method, to, body)).status, 401);
    const { status, body: answer } = await service.send(method, to, body, as(right));
    assert.ok(status < 300, `${method} ${to}: ${JSON.stringify(answer)}`);
    if (to.endsWith('/info')) assert.deepEqual([answer.created_by, answer.tags], ['writeer', { team: 'risk' }]);
  }
  const audits = lines.map((line) => JSON.parse(line)).flatMap(({ audit }) => audit ?? []);
  assert.deepEqual(
    audits.map(({ action, version, by }) => [action, version, by]),
    [
      ['store_version', 1, 'writeer'],
      ['update_version', 2, 'writeer'],
      ['move_alias', 1, 'writeer'],
      ['label_version', 1, 'writeer'],
      ['delete_alias', 1, 'writeer'],
      ['delete_version', 1, 'adminer'],
      ['delete_normalizer', undefined, 'adminer'],
    ],
  );
});
