/** /v1/compare as a picture and as a page. test/browser looks at them in a browser. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { curlCommand } from '#http/response/curl-command.ts';
import { toSharedSource } from '#tensor/source.ts';
import type { SharedInput } from '#compare/compare.ts';
import { type Service, startService } from '../../service.ts';
import { npyFile } from '../../formats/arrays.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const data = [
  [3, 5, 0],
  [6, 10, 0],
  [7, 1, 2],
];

async function textOf(path: string, accept: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await service.post(path, body, { ...headers, accept });
  const text = Buffer.from(answer.body).toString();
  assert.equal(answer.status, 200, text);
  assert.match(answer.headers.get('content-type') ?? '', new RegExp(`^${accept.replace('+', '\\+')}`));
  return { text, headers: answer.headers };
}

const html = (body: unknown) => textOf('/v1/compare', 'text/html', body);

test('a picture has the input first and then every normalizer', async () => {
  const normalizers = [{ method: 'maxabs' }, { method: 'power', power_method: 'box-cox' }];
  const { text } = await textOf('/v1/compare', 'image/svg+xml', { data, normalizers });
  assert.deepEqual(
    [...text.matchAll(/<text class="title"[^>]*>([^<]*)</g)].map(([, title]) => title),
    ['input', 'maxabs', 'power'],
  );
  assert.match(text, /Box-Cox requires positive values/);
  assert.match(text, /per feature \(axis 0\), power_method &quot;box-cox&quot;/);
});

test('/v1/describe draws the data, with the bins asked for', async () => {
  const body = { data, statistics: { axis: 0, histogram: { bins: 5, range: [0, 10] } } };
  const { text } = await textOf('/v1/describe', 'image/svg+xml', body);
  assert.match(text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.equal(text.match(/class="bin"/g)?.length, 5);
  assert.match(text, /0 to 2: 3 of 9 values \(33\.3 %\)/);
  const large = npyFile(
    'uint8',
    [600, 1000],
    Array.from({ length: 600_000 }, (_, at) => at % 256),
  );
  const streamed = await textOf('/v1/describe', 'image/svg+xml', large, { 'content-type': 'application/x-npy' });
  assert.match(streamed.text, /600 × 1,000 = 600,000 values of uint8/);
});

describe('the report', () => {
  test('has the table of the statistics as the service returns them', async () => {
    const { text } = await html({ data });
    const { body } = await service.post('/v1/compare', { data });
    const rows = [...text.matchAll(/<tr><th scope="row">([^<]+)<span>.*?<\/tr>/g)];
    assert.deepEqual(
      rows.map(([, name]) => name),
      ['input', 'minmax', 'zscore', 'robust', 'power', 'norm'],
    );
    const norm = body.normalizers[5].statistics;
    for (const name of ['nobs', 'mean', 'variance', 'skewness', 'kurtosis']) {
      const shown = String(Number(Number(norm[name]).toPrecision(7))).replaceAll('-', '−');
      assert.ok(rows[5][0].includes(`<td>${shown}</td>`), `${name} ${shown} in ${rows[5][0]}`);
    }
  });

  test('says what each method keeps and loses, as /v1/methods does, and gives the warnings', async () => {
    const { text } = await html({ data });
    const { keeps, loses } = (await (await fetch(`${service.url}/v1/methods/norm`)).json()) as Record<string, string[]>;
    for (const said of [...keeps, ...loses]) assert.ok(text.includes(said.replaceAll("'", '&#39;')), said);
    assert.match(text, /<strong>scale_lost<\/strong> Each sample was divided by its own norm/);
    assert.match(text, /2 samples that differed are now identical/);
  });

  test('allows itself its own style and nothing else', async () => {
    const { text, headers } = await html({ data });
    const [, style] = /<style>([^]*?)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    assert.equal(
      headers.get('content-security-policy'),
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    assert.doesNotMatch(text, /<script|\sstyle=|\son\w+=|<link|<img|url\(|@import/);
  });

  test('escapes what a client sends', async () => {
    const query = `?${encodeURIComponent('normalizers')}=${encodeURIComponent('[{"method":"norm"}]')}`;
    const response = await fetch(`${service.url}/v1/compare${query}&statistics=true#'"><script>`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-npy', accept: 'text/html' },
      body: npyFile('float64', [2, 2], [1, 2, 3, 4]),
    });
    assert.doesNotMatch(await response.text(), /<script/);
  });
});

describe('the request that the report shows gives the same report', () => {
  const normalizers = [
    { method: 'norm', order: 'inf', nan_policy: 'omit' },
    { method: 'minmax', feature_range: [-1, 1] },
  ];
  const npy = npyFile('float32', [2, 2], [1, 2, 3, 4]);
  const query = `normalizers=${encodeURIComponent(JSON.stringify(normalizers))}`;
  const cases: [what: string, path: string, type: string, body: Uint8Array | string][] = [
    ['of the usual normalizers', '/v1/compare', 'application/json', JSON.stringify({ data })],
    [
      'of others, with null in the data',
      '/v1/compare',
      'application/json; charset=utf-8',
      JSON.stringify({ data: [[1, null]], normalizers, statistics: { ddof: 0 } }),
    ],
    ['of a file', `/v1/compare?${query}&statistics=%7B%22ddof%22%3A0%7D`, 'application/x-npy', npy],
  ];
  for (const [what, path, type, body] of cases) {
    test(what, async () => {
      const ask = (url: string, headers: Record<string, string>, sent: Uint8Array | string) =>
        fetch(url, { method: 'POST', headers, body: sent as string });
      const first = await ask(service.url + path, { 'content-type': type, accept: 'text/html' }, body);
      const page = await first.text();
      assert.equal(first.status, 200, page);
      const [, shown] = /<pre tabindex="0"><code>([^<]*)<\/code>/.exec(page) ?? [];
      const args = wordsOf(unescaped(shown));
      const headers = Object.fromEntries(
        args.flatMap((word, at) => (word === '-H' ? [args[at + 1].split(': ') as [string, string]] : [])),
      );
      const at = args.findIndex((word) => word === '-d' || word === '--data-binary');
      const again = await ask(args[0], headers, args[at + 1] === '@data' ? body : args[at + 1]);
      assert.equal(await again.text(), page);
    });
  }

  test('in words that no header and no address can leave', () => {
    const hostile = `x'; touch "$(id)" \\`;
    const address = { protocol: 'http', host: hostile, exchange: { publicPrefix: '' }, url: `/${hostile}` };
    const request = { ...address, headers: { 'content-type': hostile } };
    const source = toSharedSource({ dtype: 'float64', shape: [1], bigEndian: false }, new SharedArrayBuffer(8));
    const input: SharedInput = { source, form: 'binary', inMemory: true };
    const command = curlCommand(request as unknown as FastifyRequest, { envelope: {}, input, accept: 'text/html' });
    const words = wordsOf(command);
    assert.equal(words[0], `http://${hostile}/${hostile}`);
    assert.equal(words.length, 7);
  });

  /** The words after `curl`, as a shell reads them. */
  function wordsOf(command: string): string[] {
    const printed = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${command}`]).toString();
    return printed.split('\0').slice(0, -1);
  }

  function unescaped(text: string): string {
    const characters: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
    return text.replaceAll(/&[^;]+;/g, (entity) => characters[entity]);
  }
});
