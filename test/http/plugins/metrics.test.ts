/** What /metrics tells agrees with what the test did. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { startService } from '../../service.ts';
import { noScraper, parseMetrics, type Scrape, scrape } from '../../telemetry/scrape.ts';
import { npyFile } from '../../formats/arrays.ts';

const service = await startService();
after(() => service.close());

/** How much more there is of a series than before. */
async function growth(act: () => Promise<void>): Promise<Scrape> {
  const before = await scrape(service.url);
  await act();
  const now = await scrape(service.url);
  return (name, labels) => now(name, labels) - before(name, labels);
}

const norm = { normalizer: { method: 'norm' }, data: [[3, 4]] };

describe('/metrics', { skip: noScraper }, () => {
  test('counts requests by route and status, whatever became of them', async () => {
    const grown = await growth(async () => {
      for (let times = 0; times < 3; times++) await service.post('/v1/normalize', norm);
      await service.post('/v1/normalize', { ...norm, data: [[3], [4, 5]] });
      await fetch(`${service.url}/v1/methods/norm`);
      await fetch(`${service.url}/v1/methods/minmax?x=1`);
      await fetch(`${service.url}/v1/methods/nothing`);
      for (const path of ['a', 'b', 'c']) await fetch(`${service.url}/${path}`);
      await fetch(`${service.url}/v1/fit`, { method: 'DELETE' });
    });
    const count = (route: string, status: string) =>
      grown('http_request_duration_seconds_count', { route, status_code: status });
    assert.equal(count('/v1/normalize', '200'), 3);
    assert.equal(count('/v1/normalize', '422'), 1);
    assert.equal(count('/v1/methods/:method', '200'), 2);
    assert.equal(count('/v1/methods/:method', '404'), 1);
    assert.equal(count('none', '404'), 3);
    assert.equal(count('none', '405'), 1);
    assert.equal(grown('http_request_duration_seconds_count', { method: 'POST' }), 4);
  });

  test('has durations whose buckets add up', async () => {
    const from = performance.now();
    const grown = await growth(async () => {
      for (let times = 0; times < 5; times++) await service.post('/v1/describe', { data: [1, 2] });
    });
    const seconds = (performance.now() - from) / 1000;
    const of = { route: '/v1/describe' };
    assert.equal(grown('http_request_duration_seconds_bucket', { ...of, le: '+Inf' }), 5);
    const sum = grown('http_request_duration_seconds_sum', of);
    assert.ok(sum > 0 && sum < seconds, `${sum} of ${seconds}`);
    const bounds = ['0.001', '0.01', '0.1', '1', '10', '+Inf'];
    const counts = bounds.map((le) => grown('http_request_duration_seconds_bucket', { ...of, le }));
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
  });

  test('counts values and bytes by method and format', async () => {
    const file = npyFile('float32', [100, 7], new Array<number>(700).fill(1.5));
    const { fitted } = (await service.post('/v1/fit', { normalizer: { method: 'minmax' }, data: [[1], [2]] })).body;
    const grown = await growth(async () => {
      await service.post('/v1/normalize', { normalizer: { method: 'zscore' }, data: [[1, 2, 3]] });
      await service.post('/v1/normalize?method=norm', file, { 'content-type': 'application/x-npy' });
      await service.post('/v1/transform', { fitted, data: [[1], [2], [3], [4]] });
      await service.post('/v1/describe', { data: { dtype: 'uint8', shape: [5], data: [1, 2, 3, 4, 5] } });
    });
    const processed = (method: string, format: string) => [
      grown('norma_processed_values_total', { method, format }),
      grown('norma_processed_bytes_total', { method, format }),
    ];
    assert.deepEqual(processed('zscore', 'json'), [3, 24]);
    assert.deepEqual(processed('norm', 'npy'), [700, 2800]);
    assert.deepEqual(processed('minmax', 'json'), [4, 32]);
    assert.deepEqual(processed('describe', 'json'), [5, 5]);
  });

  test('counts inference by its own format', async () => {
    const stored = await service.post('/v1/normalizers/scaler/versions', {
      normalizer: { method: 'maxabs' },
      data: [[1], [2]],
    });
    assert.equal(stored.status, 201);
    const input = { name: 'input', shape: [3, 1], datatype: 'FP32', data: [1, 2, 3] };
    const grown = await growth(async () => {
      const { status } = await service.post('/v2/models/scaler/infer', { inputs: [input] });
      assert.equal(status, 200);
    });
    assert.equal(grown('norma_processed_values_total', { method: 'maxabs', format: 'oip' }), 3);
    assert.ok(grown('norma_store_duration_seconds_count') > 0);
  });

  test('counts an array that streams through in blocks once', async () => {
    const rows = 3000;
    const file = npyFile('float64', [rows, 100], new Array<number>(rows * 100).fill(2));
    const headers = { 'content-type': 'application/x-npy', accept: 'application/x-npy' };
    const grown = await growth(async () => {
      const { status, body } = await service.post('/v1/normalize?method=norm', file, headers);
      assert.deepEqual([status, body.length > rows * 800], [200, true]);
    });
    assert.equal(grown('norma_processed_values_total', { method: 'norm', format: 'npy' }), rows * 100);
    assert.ok(grown('http_received_bytes_total', { route: '/v1/normalize' }) > rows * 800);
    assert.ok(grown('http_sent_bytes_total', { route: '/v1/normalize' }) > rows * 800);
    for (const phase of ['decode', 'validate', 'queue', 'compute', 'encode'])
      assert.ok(grown('norma_phase_seconds_total', { phase }) > 0, phase);
  });

  test('counts the bytes of each request of a connection, headers included', async () => {
    const sent = 'GET /v1/methods/affine HTTP/1.1\r\nHost: norma\r\n\r\n';
    let received = 0;
    const grown = await growth(async () => {
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
      socket.on('data', (piece) => (received += piece.length));
      for (let times = 1; times <= 3; times++) {
        socket.write(sent);
        do await once(socket, 'data');
        while (received < times * 1000);
      }
      socket.end();
      await once(socket, 'close');
    });
    const of = { route: '/v1/methods/:method' };
    assert.equal(grown('http_received_bytes_total', of), 3 * sent.length);
    assert.equal(grown('http_sent_bytes_total', of), received);
  });

  test('tells of the queue, the pool, the store, the event loop and the process', async () => {
    const grown = await growth(async () => {
      for (let times = 0; times < 4; times++) await service.post('/v1/normalize', norm);
      await fetch(`${service.url}/health/store`);
    });
    assert.equal(grown('norma_queue_wait_seconds_count'), 4);
    assert.ok(grown('norma_queue_wait_seconds_sum') > 0);
    assert.equal(grown('norma_store_duration_seconds_count', { operation: 'ping', outcome: 'ok' }), 1);
    const now = await scrape(service.url);
    assert.equal(now('norma_pool_threads'), 2);
    assert.equal(now('norma_pool_busy_threads'), 0);
    assert.equal(now('norma_queue_depth'), 0);
    assert.equal(now('norma_info', { version: '0.0.0' }), 1);
    // This scrape itself.
    assert.equal(now('http_requests_in_progress'), 1);
    assert.ok(now('nodejs_eventloop_lag_p99_seconds') > 0);
    assert.ok(now('process_resident_memory_bytes') > 2 ** 25);
    assert.ok(now('process_cpu_seconds_total') > 0);
  });

  test('shows work that waits while there is some', async () => {
    const rows = Array.from({ length: 400 }, (_, row) => Array.from({ length: 200 }, (_, column) => row * column));
    const many = Promise.all(
      Array.from({ length: 12 }, () =>
        service.post('/v1/normalize', { normalizer: { method: 'quantile' }, data: rows, include: ['fitted'] }),
      ),
    );
    const seen = { busy: 0, waiting: 0, active: 0 };
    let working = true;
    void many.finally(() => (working = false));
    while (working) {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      const read = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
      seen.busy = Math.max(seen.busy, read('norma_pool_busy_threads'));
      seen.waiting = Math.max(seen.waiting, read('norma_queue_depth'));
      seen.active = Math.max(seen.active, read('http_requests_in_progress'));
    }
    assert.equal(seen.busy, 2);
    assert.ok(seen.waiting > 0 && seen.active > 2, JSON.stringify(seen));
    assert.deepEqual(new Set((await many).map(({ status }) => status)), new Set([200]));
  });

  test('is text that says its version, with a help and a type for each name', async () => {
    const response = await fetch(`${service.url}/metrics`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    const samples = parseMetrics(await response.text());
    assert.ok(samples.length > 50);
    for (const [name, , , type, help] of samples) assert.ok(type !== 'unknown' && help, name);
  });
});

for (const [what, file] of [
  ['dashboard asks', 'grafana/dashboard.json'],
  ['alerts ask', 'prometheus-rules.yaml'],
] as const)
  test(`the ${what} for nothing that the metrics do not have`, { skip: noScraper }, async () => {
    const text = readFileSync(new URL(`../../../docker/${file}`, import.meta.url), 'utf8');
    const known = new Set(parseMetrics(await (await fetch(`${service.url}/metrics`)).text()).map(([name]) => name));
    const asked = [...text.matchAll(/\b(?:norma|http|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
    assert.ok(asked.length >= 15);
    for (const name of asked) assert.ok(known.has(name), name);
  });

test('says why requests are refused, how many connections are open, what is held, and that the store is there', async () => {
  const read = async () => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    return (name: string) => Number(new RegExp(`^${name.replaceAll(/[{}"]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1]);
  };
  const before = await read();
  await service.send('GET', '/v1/normalizers/nothing');
  const large = await service.post(
    '/v1/normalize',
    { normalizer: { method: 'norm' }, data: [[1]] },
    { 'content-encoding': 'br' },
  );
  assert.equal(large.status, 400);
  const after = await read();
  for (const reason of ['key', 'rate', 'queue', 'delay', 'connections', 'memory', 'store_away', 'store_full', 'quota'])
    assert.equal(
      after(`norma_refusals_total{reason="${reason}"}`),
      before(`norma_refusals_total{reason="${reason}"}`),
      reason,
    );
  assert.ok(after('norma_connections') >= 1);
  assert.deepEqual(
    ['norma_held_bytes{what="bodies"}', 'norma_store_up', 'norma_losses_total{what="worker_thread"}'].map(after),
    [0, 1, 0],
  );
  assert.ok(before('norma_store_bytes') > 10_000);
  // Of a store in memory nobody knows how much room its disk has, and no alert may take that for none.
  assert.ok(Number.isNaN(after('norma_store_free_bytes')));
});

test('Server-Timing tells what a call spent its time on', async () => {
  const { headers } = await service.post('/v1/normalize', norm);
  const entries = Object.fromEntries(
    (headers.get('server-timing') ?? '').split(', ').map((entry) => entry.split(';dur=')),
  ) as Record<string, string>;
  assert.deepEqual(Object.keys(entries), ['decode', 'validate', 'queue', 'compute', 'encode', 'total']);
  const { total, ...parts } = entries;
  const sum = Object.values(parts).reduce((all, part) => all + Number(part), 0);
  assert.ok(sum > 0 && sum <= Number(total) + 0.01, `${sum} of ${total}`);
});
