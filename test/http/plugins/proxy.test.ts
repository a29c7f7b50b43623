/** Behind a proxy: paths, pages, rates and logs as the client sees them. */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { readConfig } from '../../../src/config/config.ts';
import { type Service, startService } from '../../service.ts';

const minmax = { normalizer: { method: 'minmax' }, data: [[1], [2]] };

function settings(environment: Record<string, string>) {
  const { basePath, isTrustedProxy, rateLimit } = readConfig(environment);
  return { basePath, isTrustedProxy, rateLimit };
}

/** The members of log lines of requests. */
function readLog(lines: readonly string[]): { path: string; address: string }[] {
  return lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request');
}

describe('NORMA_BASE_PATH', () => {
  let service: Service;
  before(async () => {
    service = await startService(settings({ NORMA_BASE_PATH: '/norma/' }));
  });
  after(() => service.close());

  for (const [what, prefix] of [
    ['stripped by the proxy', ''],
    ['left by the proxy', '/norma'],
  ]) {
    test(`is read whether it is ${what}`, async () => {
      assert.equal((await service.send('GET', `${prefix}/health/live`)).status, 200);
      assert.equal((await service.post(`${prefix}/v1/normalize?include=data`, minmax)).status, 200);
      assert.equal((await service.send('GET', `${prefix}?`, undefined, { accept: 'application/json' })).status, 200);
    });

    test(`stands before Location, Content-Location, links and servers where it is ${what}`, async () => {
      const stored = await service.post(`${prefix}/v1/normalizers/a/versions`, minmax);
      assert.match(stored.headers.get('location') ?? '', /^\/norma\/v1\/normalizers\/a\/versions\/\d$/);
      const there = await service.send('GET', stored.headers.get('location') ?? '');
      assert.equal(there.status, 200);
      assert.equal(there.headers.get('content-location'), stored.headers.get('location'));
      await service.post(`${prefix}/v1/normalizers/a/versions`, minmax);
      const page = await service.send('GET', `${prefix}/v1/normalizers/a/versions?limit=1`);
      assert.match(page.headers.get('link') ?? '', /^<\/norma\/v1\/normalizers\/a\/versions\?limit=1&cursor=/);
      const fit = await service.post(`${prefix}/v1/fits`, { normalizer: minmax.normalizer });
      assert.equal(fit.headers.get('location'), `/norma/v1/fits/${fit.body.id}`);
      for (const path of ['/openapi.json', '/docs/json']) {
        const { body } = await service.send('GET', prefix + path);
        assert.deepEqual(body.servers, [{ url: '/norma' }], path);
      }
      const root = await service.send('GET', `${prefix}/`);
      assert.deepEqual([root.body.openapi, root.body.docs], ['/norma/openapi.json', '/norma/docs']);
    });
  }

  test('leads a browser to the page, whose assets are beside it', async () => {
    const first = await fetch(`${service.url}/norma/docs`, { redirect: 'manual' });
    assert.equal(first.headers.get('location'), '/norma/docs/');
    const page = await (await fetch(`${service.url}/norma/docs/`)).text();
    const assets = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset);
    assert.ok(assets.length >= 5);
    for (const asset of assets) {
      const url = new URL(asset, `${service.url}/norma/docs/`);
      assert.match(url.pathname, /^\/norma\/docs\//);
      assert.equal((await fetch(url)).status, 200, asset);
    }
  });

  test('is no part of another word', async () => {
    assert.equal((await service.send('GET', '/normal/health/live')).status, 404);
  });
});

describe('NORMA_TRUST_PROXY', () => {
  const forwarded = {
    'x-forwarded-for': '203.0.113.7, 10.0.0.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'data.example.org',
    'x-forwarded-prefix': '/tools/norma',
  };

  async function ask(environment: Record<string, string>, headers: Record<string, string> = forwarded) {
    const lines: string[] = [];
    const service = await startService({ ...settings(environment), logLevel: 'info' }, undefined, {
      write: (line) => lines.push(line),
    });
    const stored = await service.post('/v1/normalizers/a/versions', minmax, headers);
    const document = await service.send('GET', '/openapi.json', undefined, headers);
    const report = await service.post('/v1/compare', { data: [[1], [2]] }, { ...headers, accept: 'text/html' });
    await service.close();
    return {
      location: stored.headers.get('location'),
      servers: document.body.servers,
      address: readLog(lines)[0].address,
      report: Buffer.from(report.body).toString(),
    };
  }

  test('believes what a trusted proxy says of the client', async () => {
    const seen = await ask({ NORMA_TRUST_PROXY: 'loopback, 10.0.0.0/8' });
    assert.equal(seen.address, '203.0.113.7');
    assert.equal(seen.location, '/tools/norma/v1/normalizers/a/versions/1');
    assert.deepEqual(seen.servers, [{ url: '/tools/norma' }]);
    assert.ok(seen.report.includes('https://data.example.org/tools/norma/v1/compare'));
  });

  test('stops at the first address that is not trusted', async () => {
    assert.equal((await ask({ NORMA_TRUST_PROXY: '127.0.0.1' })).address, '10.0.0.9');
  });

  test('believes nobody else, and nobody by default', async () => {
    for (const environment of [{}, { NORMA_TRUST_PROXY: '10.0.0.0/8' }] as Record<string, string>[]) {
      const seen = await ask(environment);
      assert.equal(seen.address, '127.0.0.1');
      assert.equal(seen.location, '/v1/normalizers/a/versions/1');
      assert.deepEqual(seen.servers, [{ url: '/' }]);
    }
  });

  test('takes no prefix that is none, and no word of a client for it', async () => {
    for (const prefix of ['https://evil.example', '//evil.example', '/a"b', 'norma', '/a b']) {
      const seen = await ask({ NORMA_TRUST_PROXY: 'loopback' }, { 'x-forwarded-prefix': prefix });
      assert.equal(seen.location, '/v1/normalizers/a/versions/1', prefix);
    }
    const { servers } = await ask({}, { 'x-norma-prefix': '/evil' });
    assert.deepEqual(servers, [{ url: '/' }]);
  });

  test('counts rates by client', async () => {
    const service = await startService(settings({ NORMA_TRUST_PROXY: 'loopback', NORMA_RATE_LIMIT: '1/h' }));
    const of = async (client: string) =>
      (await service.post('/v1/normalize', minmax, { 'x-forwarded-for': client })).status;
    assert.deepEqual([await of('203.0.113.1'), await of('203.0.113.1'), await of('203.0.113.2')], [200, 429, 200]);
    await service.close();
  });

  test('and NORMA_BASE_PATH are checked at the start', () => {
    for (const [name, value] of [
      ['NORMA_TRUST_PROXY', 'proxy.example.org'],
      ['NORMA_TRUST_PROXY', '10.0.0.0/33'],
      ['NORMA_TRUST_PROXY', '10.0.0.0/8/8'],
      ['NORMA_BASE_PATH', 'norma'],
      ['NORMA_BASE_PATH', '/a//b'],
      ['NORMA_BASE_PATH', 'https://example.org/norma'],
    ])
      assert.throws(() => readConfig({ [name]: value }), new RegExp(`${name}=`), value);
  });

  test('takes networks of IPv6, and IPv4 as a socket of IPv6 has it', () => {
    const { isTrustedProxy } = readConfig({ NORMA_TRUST_PROXY: 'fd00::/8,192.0.2.1' });
    const trusted = ['fd12::1', '192.0.2.1', '::ffff:192.0.2.1', '192.0.2.2', 'fe80::1', 'nonsense'].map((address) =>
      isTrustedProxy?.(address),
    );
    assert.deepEqual(trusted, [true, true, true, false, false, false]);
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'));

test('HOST is every address by default: IPv6 where the machine has it, and IPv4', async () => {
  const { host } = readConfig({});
  assert.equal(host, hasIpv6 ? '::' : '0.0.0.0');
  const lines: string[] = [];
  const log = { write: (line: string) => lines.push(line) };
  const service = await startService({ host, logLevel: 'info' }, undefined, log);
  const { port } = new URL(service.url);
  const loopbacks = hasIpv6 ? ['[::1]', '127.0.0.1'] : ['127.0.0.1'];
  for (const name of loopbacks) assert.equal((await fetch(`http://${name}:${port}/v1/methods`)).status, 200, name);
  await service.close();
  assert.deepEqual(
    readLog(lines).map(({ address }) => address),
    hasIpv6 ? ['::1', '127.0.0.1'] : ['127.0.0.1'],
  );
});
