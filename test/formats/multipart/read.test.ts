/** multipart/form-data: the JSON part `request`, then the part `data` in any other format. */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Service, startService } from '../../service.ts';
import { npyFile, npyOf, readNpy } from '../arrays.ts';
import { cutInto, exchange, jsonOf } from '../../http/exchange.ts';
import { multipartOf, multipartOfList, type WrittenPart } from './multiparts.ts';
import { npzOf } from '../npz/zips.ts';

const npy = 'application/x-npy';
const boundary = 'X-BOUNDARY';
const type = `multipart/form-data; boundary=${boundary}`;

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const array = npyFile('float64', [3, 2], [3, 5, 6, 10, 7, 8]);
const minmax = JSON.stringify({ normalizer: { method: 'minmax' } });
const data: WrittenPart = { type: npy, content: array };

function post(body: Uint8Array, path = '/v1/fit', headers: Record<string, string> = {}) {
  return service.post(path, body, { 'content-type': type, ...headers });
}

function postParts(...parts: [string, string | WrittenPart][]) {
  return post(multipartOfList(boundary, parts));
}

describe('a request in two parts', () => {
  test('says what JSON says, with what a query cannot hold', async () => {
    const normalizer = { method: 'zscore', axis: [0] };
    const envelope = { normalizer, sample_weight: [1, 0, 2], include: ['fitted'] };
    const json = await service.post('/v1/fit', {
      ...envelope,
      data: { dtype: 'float64', shape: [3, 2], data: [3, 5, 6, 10, 7, 8] },
    });
    const answer = await post(multipartOf(boundary, { request: JSON.stringify(envelope), data }));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(answer.body, json.body);
  });

  test('carries a fitted document with large parameters', async () => {
    const columns = 6000;
    const wide = npyOf(
      Float64Array.from({ length: 2 * columns }, (_, at) => Math.sqrt(at)),
      [2, columns],
    );
    const { body: fit } = await service.post('/v1/fit?method=minmax', wide, { 'content-type': npy });
    const request = JSON.stringify({ fitted: fit.fitted });
    assert.ok(request.length > 2 ** 18, 'a worker parses it');
    const answer = await post(multipartOf(boundary, { request, data: { type: npy, content: wide } }), '/v1/transform', {
      accept: npy,
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const whole = await service.post('/v1/normalize?method=minmax', wide, { 'content-type': npy, accept: npy });
    assert.deepEqual(answer.body, whole.body);
  });

  test('shares its members with the query, each in one of them', async () => {
    const body = multipartOf(boundary, { request: minmax, data });
    const answer = await post(body, '/v1/normalize?include=data&output_dtype=float32');
    assert.deepEqual(Object.keys(answer.body), ['data', 'warnings']);
    const twice = await post(body, '/v1/normalize?method=norm');
    assert.equal(twice.status, 400);
    assert.match(twice.body.detail, /normalizer is given in the query and in the body/);
  });

  test('is found by its boundary, wherever the pieces end and whatever the data hold', async () => {
    // Beginnings of the boundary, as data.
    const trap = Buffer.from(`\r\n--${boundary.slice(0, -1)}\r\n-\r\n--X\r\r\n--`);
    const bytes = Buffer.concat([trap, Buffer.alloc(64)]).subarray(0, 64);
    const content = npyOf(Uint8Array.from(bytes), [64]);
    const body = multipartOf(boundary, { request: minmax, data: { type: npy, content } });
    for (const lengths of [[1], [2, 3], [5, 1, 1], [17], [boundary.length + 4], [200], [body.length]]) {
      const reply = await exchange({
        url: `${service.url}/v1/fit`,
        pieces: cutInto(body, ...lengths),
        headers: { 'content-type': type },
      });
      assert.equal(reply.status, 200, reply.body.toString());
      const { nobs, minmax: ends } = jsonOf(reply).statistics.input;
      assert.deepEqual([nobs, ends], [64, [0, Math.max(...bytes)]]);
    }
  });

  test('may have its boundary quoted, a coding, and headers nobody asks for', async () => {
    const body = multipartOf('a b', {
      request: { content: minmax, type: 'application/json; charset=utf-8', headers: ['X-More: 1'] },
      data: { ...data, headers: ['content-transfer-encoding: binary', 'Content-Length: 7'] },
    });
    const headers = { 'content-type': 'Multipart/Form-Data; charset=utf-8; boundary="a b"' };
    assert.equal((await post(body, '/v1/fit', headers)).status, 200);
    assert.equal((await post(gzipSync(body), '/v1/fit', { ...headers, 'content-encoding': 'gzip' })).status, 200);
    const noLastLineEnd = body.subarray(0, body.length - 2);
    assert.equal((await post(noLastLineEnd, '/v1/fit', headers)).status, 200);
  });

  test('is what fetch and FormData send', async () => {
    const form = new FormData();
    form.append('request', minmax);
    form.append('data', new Blob([new Uint8Array(array)]), 'x.npy');
    // A Blob without a type goes as application/octet-stream.
    const response = await fetch(`${service.url}/v1/fit`, { method: 'POST', body: form });
    assert.equal(response.status, 200, await response.clone().text());
  });

  test('takes weights out of an npz part, and from the request, but not from both', async () => {
    const content = npzOf({ data: array, sample_weight: npyFile('uint8', [3], [1, 0, 2]) });
    const part = { type: 'application/x-npz', content };
    const fit = (request: object) => postParts(['request', JSON.stringify(request)], ['data', part]);
    const normalizer = { method: 'zscore' };
    const answer = await fit({ normalizer });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.fitted.n_samples_seen, 3);
    assert.equal((await fit({ normalizer, sample_weight: [1, 1, 1] })).status, 400);
  });
});

describe('what RFC 2046 lets stand around the parts', () => {
  const body = multipartOf(boundary, { request: minmax, data }).toString('latin1');
  const around: [what: string, body: string][] = [
    ['a line end before the first boundary', `\r\n${body}`],
    ['text before the first boundary', `This is a message in parts.\r\n${body}`],
    ['much text before the first boundary', `${'--X-BOUND\r\n'.repeat(10_000)}${body}`],
    ['blanks behind each boundary', body.replaceAll(`--${boundary}\r\n`, `--${boundary} \t \r\n`)],
    ['an epilogue', `${body}\r\nThe end.`],
    ['an epilogue with boundaries', `${body}\r\n--${boundary}\r\n\r\n--${boundary}--\r\n`],
    ['no line end behind the last boundary', body.replace(/\r\n$/, '')],
  ];
  for (const [what, text] of around) {
    test(what, async () => {
      const plain = await post(Buffer.from(body, 'latin1'));
      assert.equal(plain.status, 200, JSON.stringify(plain.body));
      const bytes = Buffer.from(text, 'latin1');
      assert.deepEqual((await post(bytes)).body, plain.body);
      const pieces = Array.from({ length: 100 }, (_, at) =>
        bytes.subarray((at * bytes.length) / 100, ((at + 1) * bytes.length) / 100),
      );
      const headers = { 'content-type': type, 'content-length': String(bytes.length) };
      const cut = await exchange({ url: `${service.url}/v1/fit`, headers, pieces });
      assert.deepEqual(jsonOf(cut), plain.body);
    });
  }
});

describe('large data', () => {
  const values = Float32Array.from({ length: 900_000 }, (_, at) => Math.sin(at));
  const file = npyOf(values, [300_000, 3]);
  const body = multipartOf(boundary, {
    request: '{"normalizer":{"method":"norm"}}',
    data: { type: npy, content: file },
  });

  test('stream: the answer begins before the last byte has come', async () => {
    const headers = { 'content-type': type, accept: npy, 'content-length': String(body.length) };
    const outgoing = httpRequest(`${service.url}/v1/normalize`, { method: 'POST', agent: false, headers });
    const begun = Promise.withResolvers<void>();
    const whole = Promise.withResolvers<Buffer>();
    outgoing.on('error', whole.reject);
    outgoing.on('response', (incoming) => {
      const pieces: Buffer[] = [];
      incoming.on('data', (piece: Buffer) => {
        pieces.push(piece);
        begun.resolve();
      });
      incoming.on('end', () => whole.resolve(Buffer.concat(pieces)));
      incoming.on('error', whole.reject);
    });
    outgoing.write(body.subarray(0, body.length - 1));
    await begun.promise;
    outgoing.end(body.subarray(body.length - 1));
    const alone = await service.post('/v1/normalize?method=norm', file, { 'content-type': npy, accept: npy });
    assert.ok((await whole.promise).equals(Buffer.from(alone.body)));
    assert.deepEqual(readNpy(alone.body).shape, [300_000, 3]);
  });

  test('with a part behind them are no whole answer', async () => {
    const parts: [string, WrittenPart | string][] = [
      ['request', '{"normalizer":{"method":"norm"}}'],
      ['data', { type: npy, content: file }],
      ['more', '1'],
    ];
    const url = `${service.url}/v1/normalize`;
    const reply = await exchange({
      url,
      pieces: [multipartOfList(boundary, parts)],
      headers: { 'content-type': type, accept: npy },
    });
    if (reply.status === 200) assert.ok(reply.cut);
    else assert.equal(reply.status, 400);
    const fit = await postParts(...parts);
    assert.equal(fit.status, 400);
    assert.match(fit.body.detail, /Unexpected part "more"/);
  });
});

describe('what is refused, and where', () => {
  const refused: [string, [string, string | WrittenPart][], number, string | null, RegExp][] = [
    [
      'the parts in the wrong order',
      [
        ['data', data],
        ['request', minmax],
      ],
      400,
      '/request',
      /first part.*"request".*"data"/,
    ],
    ['no request', [['data', data]], 400, '/request', /first part/],
    ['no data', [['request', minmax]], 400, '/data', /second part.*none/],
    ['no part at all', [], 400, '/request', /there is none/],
    [
      'the request twice',
      [
        ['request', minmax],
        ['request', minmax],
        ['data', data],
      ],
      400,
      '/data',
      /this one is "request"/,
    ],
    [
      'the data twice',
      [
        ['request', minmax],
        ['data', data],
        ['data', data],
      ],
      400,
      '/data',
      /Unexpected part "data"/,
    ],
    [
      'a third part',
      [
        ['request', minmax],
        ['data', data],
        ['x', '1'],
      ],
      400,
      '/x',
      /Unexpected part "x"/,
    ],
    [
      'data within the request',
      [
        ['request', '{"normalizer":{"method":"norm"},"data":[1]}'],
        ['data', data],
      ],
      400,
      '/data',
      /a separate part "data" after the part "request"/,
    ],
    [
      'a request that is no JSON',
      [
        ['request', '{'],
        ['data', data],
      ],
      400,
      null,
      /^The body is not JSON/,
    ],
    [
      'a request that is a list',
      [
        ['request', '[]'],
        ['data', data],
      ],
      400,
      null,
      /JSON object/,
    ],
    [
      'a request of another type',
      [
        ['request', { type: 'text/html', content: minmax }],
        ['data', data],
      ],
      415,
      null,
      /application\/json/,
    ],
    [
      'data of an unknown type',
      [
        ['request', minmax],
        ['data', { type: 'image/png', content: 'x' }],
      ],
      415,
      null,
      /application\/x-npy/,
    ],
    [
      'data in parts again',
      [
        ['request', minmax],
        ['data', { type, content: multipartOf(boundary, {}) }],
      ],
      415,
      null,
      /multipart/,
    ],
    [
      'data in base64',
      [
        ['request', minmax],
        ['data', { ...data, headers: ['Content-Transfer-Encoding: base64'] }],
      ],
      400,
      null,
      /Content-Transfer-Encoding/,
    ],
    [
      'an object with data',
      [
        ['request', minmax],
        ['data', { type: 'application/json', content: '{"data": [1]}' }],
      ],
      400,
      '/data/dtype',
      /dtype is missing/,
    ],
    [
      'headers that are too long',
      [
        ['request', { content: minmax, headers: [`X-Long: ${'x'.repeat(2 ** 14)}`] }],
        ['data', data],
      ],
      400,
      null,
      /longer than 8192 bytes/,
    ],
  ];
  for (const [what, parts, status, pointer, says] of refused) {
    test(what, async () => {
      const answer = await postParts(...parts);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.match(answer.body.detail, says);
      if (pointer) assert.equal(answer.body.errors[0].pointer, pointer);
    });
  }

  test('a Content-Type without a boundary, or with one that is too long', async () => {
    const body = multipartOf(boundary, { request: minmax, data });
    for (const parameter of ['', '; boundary=', '; boundary=""', `; boundary=${'x'.repeat(71)}`, '; boundary']) {
      const answer = await post(body, '/v1/fit', { 'content-type': `multipart/form-data${parameter}` });
      assert.equal(answer.status, 400, parameter);
      assert.match(answer.body.detail, /boundary/);
    }
  });

  test('bytes where a boundary should be, and parts without a name', async () => {
    const body = multipartOf(boundary, { request: minmax, data });
    const text = body.toString('latin1');
    for (const bad of [
      text.replace(`--${boundary}\r\n`, `--${boundary}x\r\n`),
      text.replaceAll(boundary, 'another'),
      text.replace('form-data; name="request"', 'attachment; name="request"'),
      text.replace('; name="request"', ''),
      text.replace('Content-Disposition: form-data; name="request"', ''),
      '',
      '--',
      `--${boundary}--`,
    ]) {
      assert.equal((await post(Buffer.from(bad, 'latin1'))).status, 400, bad.slice(0, 60));
    }
  });

  test('a request part over the limit', async () => {
    const narrow = await startService({ bodyLimit: 2 ** 16 });
    const body = multipartOf(boundary, { request: `{"x":"${'x'.repeat(2 ** 17)}"}`, data });
    const answer = await narrow.post('/v1/fit', body, { 'content-type': type });
    await narrow.close();
    assert.equal(answer.status, 413);
  });
});
