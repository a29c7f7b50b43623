/** Paths, methods and media types: what is asked for, and what comes. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../service.ts';
import { npyFile } from '../formats/arrays.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const calls = ['/v1/normalize', '/v1/fit', '/v1/transform', '/v1/inverse-transform', '/v1/describe'];
const pages = ['/v1/methods', '/v1/methods/norm', '/health/live', '/health/ready', '/openapi.json'];

async function isProblem(response: Response, status: number): Promise<{ code: string; detail: string }> {
  assert.equal(response.status, status, response.url);
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, response.url);
  const body = (await response.json()) as { code: string; detail: string; status: number };
  assert.equal(body.status, status);
  return body;
}

test('HEAD has the headers of GET and no body', async () => {
  for (const path of [...pages, '/docs', '/nothing']) {
    // The length of what is compressed is not told.
    const headers = { 'accept-encoding': 'identity' };
    const got = await fetch(service.url + path, { headers });
    const body = await got.arrayBuffer();
    const head = await fetch(service.url + path, { method: 'HEAD', headers });
    assert.equal(head.status, got.status, path);
    assert.equal(head.headers.get('content-type'), got.headers.get('content-type'), path);
    assert.equal(head.headers.get('content-length'), String(body.byteLength), path);
    assert.equal((await head.arrayBuffer()).byteLength, 0, path);
  }
});

test('a method that a path does not have is a 405 with Allow', async () => {
  for (const path of calls) {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const response = await fetch(service.url + path, { method });
      assert.equal(response.headers.get('allow'), 'POST', `${method} ${path}`);
      assert.equal((await isProblem(response, 405)).code, 'method_not_allowed');
    }
    assert.equal((await fetch(service.url + path, { method: 'HEAD' })).status, 405);
  }
  for (const path of pages) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await fetch(service.url + path, { method });
      assert.deepEqual(response.headers.get('allow')?.split(', ').sort(), ['GET', 'HEAD'], `${method} ${path}`);
      await isProblem(response, 405);
    }
  }
});

test('a path that is not there is a 404, whatever the method and the body', async () => {
  const paths = [
    '/v1',
    '/v1/',
    '/v1/normalise',
    '/v1/normalize/',
    '/V1/normalize',
    '//v1/normalize',
    '/v1/methods/norm/order',
    '/health',
  ];
  for (const path of [...paths, '/favicon.ico', '/.env', '/v1/normalize%00', `/${'a'.repeat(5000)}`]) {
    for (const method of ['GET', 'POST']) {
      const response = await fetch(service.url + path, { method, body: method === 'POST' ? '{}' : undefined });
      const { code, detail } = await isProblem(response, 404);
      assert.equal(code, 'not_found');
      assert.ok(detail.length < 500, `the answer to a path of ${path.length} characters has ${detail.length}`);
    }
  }
});

test('no other origin is let in', async () => {
  const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' };
  for (const path of [...calls, ...pages]) {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const response = await fetch(service.url + path, { method, headers });
      const opened = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));
      assert.deepEqual(opened, [], `${method} ${path}`);
      await response.body?.cancel();
    }
  }
});

describe('what Node refuses before a route sees it', () => {
  /** What comes back for bytes that are no proper request. */
  async function answerTo(bytes: string): Promise<{ status: number; headers: string; body: string }> {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.write(bytes);
    const { promise, resolve } = Promise.withResolvers<string>();
    let text = '';
    socket.setEncoding('latin1').on('data', (piece) => (text += piece));
    socket.on('close', () => resolve(text)).on('error', () => undefined);
    const [headers, body] = (await promise).split(/\r\n\r\n(.*)/s);
    return { status: Number(headers.split(' ')[1]), headers, body };
  }

  const cases: [what: string, bytes: string, statuses: number[]][] = [
    [
      'a path that cannot be decoded',
      'GET /v1/methods/%E0%A4%A HTTP/1.1\r\nHost: norma\r\nConnection: close\r\n\r\n',
      [400],
    ],
    [
      'a name that is too long for a path',
      `GET /v1/methods/${'a'.repeat(300)} HTTP/1.1\r\nHost: norma\r\nConnection: close\r\n\r\n`,
      [404, 414],
    ],
    ['a header that is too large', `GET / HTTP/1.1\r\nHost: norma\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, [431]],
    ['what is not HTTP', 'HELO norma\r\n\r\n', [400]],
    ['a length that is no number', 'POST /v1/normalize HTTP/1.1\r\nHost: norma\r\nContent-Length: ten\r\n\r\n', [400]],
    [
      'two lengths',
      'POST /v1/fit HTTP/1.1\r\nHost: norma\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      [400],
    ],
    [
      'a chunk that is none',
      'POST /v1/fit HTTP/1.1\r\nHost: norma\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
      [400],
    ],
  ];
  for (const [what, bytes, statuses] of cases) {
    test(`${what} is a problem, too`, async () => {
      const { status, headers, body } = await answerTo(bytes);
      assert.ok(statuses.includes(status), headers);
      assert.match(headers, /content-type: application\/problem\+json/i);
      assert.equal(JSON.parse(body).status, status);
    });
  }
});

describe('the media type of a body', () => {
  const json = Buffer.from('{"normalizer":{"method":"norm"},"data":[3,4]}');
  const post = (headers: Record<string, string>, body: Uint8Array<ArrayBuffer> = json) =>
    fetch(`${service.url}/v1/normalize?include=data`, { method: 'POST', headers, body });

  test('may have parameters and any case', async () => {
    for (const type of [
      'application/json',
      'Application/JSON',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
    ]) {
      assert.equal((await post({ 'content-type': type })).status, 200, type);
    }
    const file = npyFile('float64', [2], [3, 4]) as Buffer<ArrayBuffer>;
    const response = await fetch(`${service.url}/v1/normalize?method=norm`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-npy; x=1' },
      body: file,
    });
    assert.equal(response.status, 200);
  });

  test('that is not read is a 415 that names those that are', async () => {
    const types = ['application/jsonp', 'application/x-www-form-urlencoded', 'application/xml', 'json', 'a/b/c', '*/*'];
    for (const type of [...types, 'application/vnd.unknown+json', '']) {
      const { code, detail } = await isProblem(await post({ 'content-type': type }), 415);
      assert.equal(code, 'unsupported_media_type');
      assert.match(detail, /application\/json.*application\/x-npy/, `${type}: ${detail}`);
    }
  });

  test('that says nothing leaves it to the first bytes of the body', async () => {
    for (const headers of [{}, { 'content-type': 'text/plain' }] as Record<string, string>[]) {
      assert.equal((await post(headers)).status, 200, JSON.stringify(headers));
    }
    await isProblem(await fetch(`${service.url}/v1/normalize`, { method: 'POST' }), 400);
  });

  test('without a body is a 400', async () => {
    for (const type of ['application/json', 'application/x-npy', 'application/octet-stream']) {
      await isProblem(await post({ 'content-type': type }, new Uint8Array(0)), 400);
    }
  });
});

describe('Accept', () => {
  const npy = 'application/x-npy';
  const json = 'application/json';
  const chosen: [accept: string, type: string][] = [
    ['*/*', json],
    ['application/*', json],
    [json, json],
    ['Application/JSON', json],
    [npy, npy],
    [`${npy}, */*`, npy],
    [`${npy}, ${json};q=0.9`, npy],
    [`${npy};q=0.5, ${json}`, json],
    [`${json};q=0.5, ${npy};q=0.6`, npy],
    [`text/html, ${json};q=0.1`, json],
    ['text/html, */*;q=0.1', json],
    [`${json};q=0, */*`, npy],
    [`*/*;q=0.1, ${npy};q=0`, json],
    ['application/json, text/plain, */*', json],
    ['application/json; charset=utf-8', json],
  ];
  const data = { normalizer: { method: 'norm' }, data: [3, 4] };

  for (const [accept, type] of chosen) {
    test(`${accept} gets ${type}`, async () => {
      const answer = await service.post('/v1/normalize', data, { accept });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.headers.get('content-type')?.split(';')[0], type);
    });
  }

  test('without a type that is served is a 406 that names those that are', async () => {
    for (const accept of ['text/html', 'image/*', `${json};q=0, ${npy};q=0`, '*/*;q=0', `${npy}x`]) {
      const answer = await service.post('/v1/normalize', data, { accept });
      assert.deepEqual([answer.status, answer.body.code], [406, 'not_acceptable'], accept);
      assert.match(answer.body.detail, /application\/json, application\/x-npy/);
    }
    for (const path of ['/v1/fit', '/v1/describe']) {
      const answer = await service.post(path, data, { accept: npy });
      assert.equal(answer.status, 406, path);
    }
  });
});
