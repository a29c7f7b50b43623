import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { readConfig } from '../src/config/config.ts';
import { type Service, startService } from './service.ts';

type Content = Record<string, { schema: object; examples?: Record<string, { value: unknown }> }>;

interface Operation {
  summary?: string;
  description?: string;
  operationId?: string;
  tags?: string[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
}

interface Document {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
}

const committed = JSON.parse(textOf('../openapi/openapi.json')) as Document;

const operations = Object.entries(committed.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

test('the service serves the committed document', async () => {
  const served = (await (await fetch(`${service.url}/openapi.json`)).json()) as Document;
  const { version } = committed.info;
  assert.ok(
    isDeepStrictEqual({ ...served, info: { ...served.info, version } }, committed),
    'npm run openapi writes it anew',
  );
});

test('the committed document has the version of the package, and the same in YAML', () => {
  assert.equal(committed.info.version, (JSON.parse(textOf('../package.json')) as Document['info']).version);
  assert.ok(isDeepStrictEqual(parse(textOf('../openapi/openapi.yaml')), committed), 'npm run openapi writes it anew');
});

test('no two operations have the same id', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
});

for (const { path, method, operation } of operations) {
  test(`${method.toUpperCase()} ${path} is documented`, () => {
    for (const member of ['summary', 'description', 'operationId'] as const)
      assert.ok(operation[member], `it has no ${member}`);
    assert.ok(operation.tags?.length, 'it has no tag');
    assert.ok(
      Object.keys(operation.responses).some((status) => /^4(XX|\d\d)$/.test(status)),
      'it has no 4XX response',
    );
    const bodies = [operation.requestBody, ...Object.values(operation.responses)].flatMap((body) =>
      Object.entries(body?.content ?? {}),
    );
    for (const [type, { schema }] of bodies) assert.notDeepEqual(schema, {}, `it says nothing of its ${type}`);
  });

  const examples = operation.requestBody?.content['application/json']?.examples ?? {};
  for (const [name, { value }] of Object.entries(examples)) {
    if (path.includes('{')) continue;
    test(`${method.toUpperCase()} ${path} answers its ${name}`, async () => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(service.url + path, { method, headers, body: JSON.stringify(value) });
      assert.ok(answer.ok, `it answered ${answer.status}: ${await answer.text()}`);
    });
  }

  if (operation.requestBody?.content['application/json']) {
    test(`${method.toUpperCase()} ${path} has an example in JSON`, () => assert.notDeepEqual(examples, {}));
  }
}

test('every example answer is what the service answers, and every operation with JSON has one', () => {
  for (const { path, method, operation } of operations) {
    const [, answer] = Object.entries(operation.responses).find(([status]) => status.startsWith('2')) ?? [];
    const content = answer?.content?.['application/json'];
    if (!content) continue;
    const [[name, { value }]] = Object.entries(content.examples ?? {});
    assert.equal(name, operation.operationId, `${method} ${path}`);
    assert.ok(value, `${method} ${path}`);
  }
});

for (const { path, method, operation } of operations) {
  const request = Object.values(operation.requestBody?.content['application/json']?.examples ?? {})[0];
  // What is stored stands in the answers of /v2.
  if (!request || path.includes('{') || path.startsWith('/v2')) continue;
  test(`${method.toUpperCase()} ${path} answers its example with the answer beside it`, async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(service.url + path, { method, headers, body: JSON.stringify(request.value) });
    const [, shown] = Object.entries(operation.responses).find(([status]) => status.startsWith('2')) ?? [];
    const [example] = Object.values(shown?.content?.['application/json'].examples ?? {});
    assert.deepEqual(withoutChance(await answer.json()), withoutChance(example.value));
  });
}

test('nothing stops generators of clients: no tuple without items, no range of statuses', () => {
  const text = textOf('../openapi/openapi.json');
  assert.doesNotMatch(text, /"items": false|"prefixItems"|"[45]XX"/);
});

test('locks are shown where a key is asked for, and nowhere else', async () => {
  const locks = (document: { paths: object }) =>
    Object.values(document.paths).flatMap((methods: Record<string, { security?: object[] }>) =>
      Object.values(methods).filter(({ security = [] }) => security.length > 0),
    ).length;
  assert.equal(locks(committed), 0);
  const digest = createHash('sha256').update('key').digest('hex');
  const { apiKeys } = readConfig({ NORMA_API_KEYS: `me:read:${digest}` });
  const closed = await startService({ apiKeys });
  const headers = { authorization: 'Bearer key' };
  const document = (await (await fetch(`${closed.url}/openapi.json`, { headers })).json()) as Document;
  await closed.close();
  assert.ok(locks(document) > operations.length / 2);
});

test('/docs/ is a page', async () => {
  const answer = await fetch(`${service.url}/docs/`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
  const page = await answer.text();
  assert.match(page, /<html/);
  assert.match(page, /<title>Norma<\/title>/);
  const [, icon] = /<link rel="icon" type="image\/svg\+xml" href="([^"]+)"/.exec(page) ?? [];
  const mark = await fetch(new URL(icon, `${service.url}/docs/`));
  assert.deepEqual([mark.status, mark.headers.get('content-type')], [200, 'image/svg+xml']);
});

/** An answer without what is another one each time. */
function withoutChance(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer, (key, value) => (/^(id|.*_at|seconds)$/.test(key) ? undefined : value)));
}

function textOf(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
