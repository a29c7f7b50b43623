/** What requests say of themselves before their body. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../service.ts';

let service: Service;
before(async () => {
  service = await startService({ bodyLimit: 1000, corsOrigins: ['https://a.example'] });
});
after(() => service.close());

/** All that comes back to these lines, until it matches; what is sent then is `more`. */
async function talk(lines: readonly string[], until: RegExp, more = ''): Promise<string> {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let text = '';
  let sent = false;
  socket.on('data', (piece) => {
    text += piece.toString();
    if (!sent && more && text.includes('100 Continue')) {
      sent = true;
      socket.write(more);
    }
    if (until.test(text)) socket.destroy();
  });
  await once(socket, 'close');
  return text;
}

const body = JSON.stringify({ normalizer: { method: 'minmax' }, data: [[1], [2]], statistics: false });

function head(headers: Record<string, string | number>, path = '/v1/normalize'): string[] {
  return [`POST ${path} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
}

const json = { Host: 'a', 'Content-Type': 'application/json' };

describe('Expect: 100-continue', () => {
  const expect = { Expect: '100-continue' };
  test('is told to go on where the body is read', async () => {
    const text = await talk(head({ ...json, ...expect, 'Content-Length': body.length }), /"fitted"/, body);
    assert.match(text, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  });
  for (const [what, headers, path, status] of [
    ['too large', { ...json, 'Content-Length': 5000 }, '/v1/normalize', 413],
    [
      'of a type that is not read',
      { ...json, 'Content-Type': 'video/mp4', 'Content-Length': 10 },
      '/v1/normalize',
      415,
    ],
    [
      'in a coding that is not read',
      { ...json, 'Content-Encoding': 'lzma', 'Content-Length': 10 },
      '/v1/normalize',
      415,
    ],
    ['for an answer that is not served', { ...json, Accept: 'image/png', 'Content-Length': 10 }, '/v1/normalize', 406],
    ['for a normalizer that is not there', { ...json, 'Content-Length': 10 }, '/v1/normalizers/x/transform', 404],
    ['for no path at all', { ...json, 'Content-Length': 10 }, '/v1/nothing', 404],
  ] as const) {
    test(`is refused at once where the body is ${what}`, async () => {
      const text = await talk(head({ ...headers, ...expect }, path), /"status":/);
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
      assert.doesNotMatch(text, /100 Continue/);
      assert.match(text, /connection: close/i);
    });
  }
});

test('another expectation is a problem, 417', async () => {
  const text = await talk(head({ ...json, Expect: 'a-miracle', 'Content-Length': 2 }), /"status":/);
  assert.match(text, /^HTTP\/1.1 417 .*application\/problem\+json.*"code":"expectation_failed"/s);
});

test('a request without Host is a problem, 400, and one of HTTP/1.0 needs none', async () => {
  const text = await talk(['GET /health/live HTTP/1.1'], /"status":/);
  assert.match(text, /^HTTP\/1.1 400 .*application\/problem\+json.*Host/s);
  assert.match(await talk(['GET /health/live HTTP/1.0'], /}$/), /^HTTP\/1.1 200 /);
});

test('a script of another origin reads ETag and the rates', async () => {
  const { headers } = await service.send('GET', '/v1/methods', undefined, { origin: 'https://a.example' });
  const exposed = (headers.get('access-control-expose-headers') ?? '').split(', ');
  for (const name of ['ETag', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'Location', 'Norma-Version'])
    assert.ok(exposed.includes(name), name);
});
