/** The OpenAPI document tells of the service that is there. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startService } from '../../service.ts';
import { npyFile } from '../../formats/arrays.ts';
import { filledPath } from '../filled-path.ts';

interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

const service = await startService();
after(() => service.close());

const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string }[];
};

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

test('it is OpenAPI 3.1, and has the calls', () => {
  assert.match(document.openapi, /^3\.1\./);
  for (const path of ['/v1/normalize', '/v1/fit', '/v1/transform', '/v1/inverse-transform', '/v1/describe'])
    assert.ok(document.paths[path]?.post, path);
  for (const path of ['/v1/methods', '/v1/methods/{method}', '/health/live', '/health/ready'])
    assert.ok(document.paths[path]?.get, path);
});

test('every reference leads somewhere, and every operation has a name of its own', () => {
  const text = JSON.stringify(document);
  for (const [, pointer] of text.matchAll(/"\$ref":"#([^"]+)"/g)) {
    const found = pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], document);
    assert.ok(found, pointer);
  }
  const names = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(names).size, names.length);
  const tags = document.tags.map(({ name }) => name);
  for (const { path, operation } of operations) {
    assert.ok(operation.summary && operation.description, path);
    for (const tag of operation.tags) assert.ok(tags.includes(tag), `${path}: ${tag}`);
  }
});

test('every operation tells of problems in their own media type', () => {
  for (const { path, operation } of operations) {
    assert.ok(
      ['200', '201', '204'].some((status) => status in operation.responses),
      path,
    );
    for (const [status, { content }] of Object.entries(operation.responses)) {
      if (/^[45]/.test(status)) assert.ok(content?.['application/problem+json'], `${path} ${status}`);
    }
  }
});

for (const { path, method, operation } of operations) {
  test(`${method} ${path} is there`, async () => {
    const response = await fetch(service.url + (await filledPath(service, path)), { method });
    assert.ok(![404, 405, 500].includes(response.status), String(response.status));
    await response.body?.cancel();
  });

  const examples = Object.values(operation.requestBody?.content['application/json']?.examples ?? {});
  if (examples.length > 0) {
    test(`${method} ${path} answers its examples`, async () => {
      for (const { value } of examples) {
        const answer = await service.send(method, await filledPath(service, path), value);
        assert.ok([200, 201].includes(answer.status), JSON.stringify(answer.body));
      }
    });
  }
}

describe('a parameter of the query that it names is taken', async () => {
  const { fitted } = (await service.post('/v1/fit', { normalizer: { method: 'minmax' }, data: [[1], [3]] })).body;
  const given: Record<string, string> = {
    method: 'minmax',
    axis: '0',
    statistics: 'true',
    include: 'statistics',
    output_dtype: 'float32',
    fitted: JSON.stringify(fitted),
    sample_weight: '1,1',
    header: 'true',
  };
  const needed: Record<string, string[]> = {
    '/v1/normalize': ['method'],
    '/v1/fit': ['method'],
    '/v1/transform': ['fitted'],
    '/v1/inverse-transform': ['fitted'],
    '/v1/describe': [],
  };
  for (const { path, operation } of operations) {
    if (!(path in needed)) continue;
    test(path, async () => {
      for (const { name } of operation.parameters?.filter((parameter) => parameter.in === 'query') ?? []) {
        if (!(name in given) || name === 'sample_weight') continue;
        const query = [...new Set([...needed[path], name])]
          .map((member) => `${member}=${encodeURIComponent(given[member])}`)
          .join('&');
        const [file, type] =
          name === 'header'
            ? [Buffer.from('a\n1\n3\n'), 'text/csv']
            : [npyFile('float64', [2, 1], [1, 3]), 'application/x-npy'];
        const { status, body } = await service.post(`${path}?${query}`, file, { 'content-type': type });
        assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
      }
    });
  }
});

test('/docs is a page that shows it, with all that the page loads', async () => {
  const page = await fetch(`${service.url}/docs`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
  const html = await page.text();
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, target]) => new URL(target, page.url).href);
  assert.ok(loaded.length >= 3);
  for (const url of loaded) {
    assert.ok(url.startsWith(service.url), `${url} is not served here`);
    const response = await fetch(url);
    assert.equal(response.status, 200, url);
    await response.body?.cancel();
  }
});

test('the files of /docs lead nowhere else', async () => {
  for (const path of [
    '/docs/static/nothing.js',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/static/..%2f..%2fpackage.json',
  ]) {
    const response = await fetch(service.url + path);
    assert.ok([400, 403, 404].includes(response.status), `${path}: ${response.status}`);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    await response.body?.cancel();
  }
});
