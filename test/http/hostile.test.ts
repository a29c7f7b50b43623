/** Bodies made to hurt: each gets a short and prompt 4xx, and the next request an answer. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { type Service, startService } from '../service.ts';
import { exchange, jsonOf, type Reply } from './exchange.ts';

let service: Service;
before(async () => {
  // However many requests come at once, on however slow a day: none is refused for what others wait.
  service = await startService({ bodyLimit: 16 * 2 ** 20, queueDelay: 60 });
});
after(() => service.close());

afterEach(async () => {
  const answer = await service.post('/v1/normalize', {
    normalizer: { method: 'norm' },
    data: [3, 4],
    include: ['data'],
  });
  assert.deepEqual(answer.body.data, [0.6, 0.8]);
});

/** Sends text or bytes as JSON; the answer has to come, in half a minute on the busiest machine. */
function send(body: string | Uint8Array, path = '/v1/normalize', within = 30): Promise<Reply> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return exchange({
    url: service.url + path,
    pieces: [bytes],
    headers: { 'content-type': 'application/json' },
    within,
  });
}

function isRefused(reply: Reply, ...statuses: number[]): void {
  const wanted = statuses.length > 0 ? statuses : [400, 422];
  assert.ok(wanted.includes(reply.status), `${reply.status} ${reply.body.subarray(0, 300)}`);
  assert.match(reply.headers['content-type'] ?? '', /^application\/problem\+json/);
  assert.ok(reply.body.length < 2500, `${reply.body.length} bytes`);
  assert.equal(jsonOf(reply).status, reply.status);
}

const norm = '"normalizer":{"method":"norm"}';
const nest = (depth: number, open = '[', close = ']', inner = '') => open.repeat(depth) + inner + close.repeat(depth);
const list = (count: number, of: (at: number) => string) => Array.from({ length: count }, (_, at) => of(at)).join(',');

describe('what is no JSON', () => {
  const bodies: [string, string | Uint8Array][] = [
    ['nothing', ''],
    ['blanks', ' '.repeat(100_000)],
    ['half an object', `{${norm},"data":[1`],
    ['text after it', `{${norm},"data":[1]} x`],
    ['another object after it', `{${norm},"data":[1]}{}`],
    ['a zero byte after it', `{${norm},"data":[1]}\0`],
    ['a comment', `{${norm},"data":[1]/**/}`],
    ['single quotes', `{'normalizer':{'method':'norm'},'data':[1]}`],
    ['a comma too many', `{${norm},"data":[1,]}`],
    ['NaN', `{${norm},"data":[NaN]}`],
    ['-Infinity', `{${norm},"data":[-Infinity]}`],
    ['a hexadecimal number', `{${norm},"data":[0x10]}`],
    ['a number that begins with 0', `{${norm},"data":[01]}`],
    ['a number with a plus', `{${norm},"data":[+1]}`],
    ['UTF-16', Buffer.from(`\ufeff{${norm},"data":[1]}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(`{${norm},"data":[1]}`, 'utf16le')],
    [
      'a surrogate in UTF-8',
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    [
      'a byte that UTF-8 does not have',
      Buffer.concat([Buffer.from(`{${norm},"data":[1],"`), Buffer.from([0xff]), Buffer.from('":1}')]),
    ],
    ['a line break in a string', `{"normalizer":{"method":"no\nrm"},"data":[1]}`],
    ['200,000 open brackets', nest(200_000, '[', '')],
    ['200,000 open objects', nest(200_000, '{"a":', '')],
    ['a string of 8 MB that does not end', `{"a":"${'a'.repeat(8_000_000)}`],
  ];
  for (const [what, body] of bodies) {
    test(what, async () => {
      const reply = await send(body);
      isRefused(reply, 400);
      assert.equal(jsonOf(reply).code, 'invalid_json');
    });
  }
});

describe('JSON that would be parsed to far more than it is', () => {
  for (const unit of ['[]', '[1]', '[[[[]]]]']) {
    test(`12 MB of ${unit}`, async () => {
      const count = Math.floor(12e6 / (unit.length + 1));
      const reply = await send(`{${norm},"data":[${Array(count).fill(unit).join(',')}]}`);
      isRefused(reply, 413);
      assert.equal(jsonOf(reply).code, 'body_too_large');
    });
  }
});

describe('what is JSON, and not the schema', () => {
  const bodies: [string, string][] = [
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '1e400'],
    ['a string of 8 MB', `"${'a'.repeat(8_000_000)}"`],
    ['__proto__ beside the data', `{${norm},"data":[1],"__proto__":{"a":1}}`],
    ['__proto__ with an option', '{"normalizer":{"method":"norm","__proto__":{"order":1}},"data":[3,4]}'],
    ['__proto__ with the method', '{"normalizer":{"__proto__":{"method":"norm"}},"data":[3,4]}'],
    ['__proto__ in the statistics', `{${norm},"data":[1],"statistics":{"__proto__":{"ddof":0}}}`],
    ['__proto__ in the tensor', `{${norm},"data":{"dtype":"uint8","shape":[1],"data":[1],"__proto__":1}}`],
    ['constructor as an option', '{"normalizer":{"method":"norm","constructor":1},"data":[3]}'],
    ['toString as a member', `{${norm},"data":[1],"toString":1}`],
    ['__proto__ as the method', '{"normalizer":{"method":"__proto__"},"data":[1]}'],
    ['hasOwnProperty as the dtype', `{${norm},"data":{"dtype":"hasOwnProperty","shape":[1],"data":[1]}}`],
    ['a number beyond a double in the data', `{${norm},"data":[1e999999999]}`],
    ['a number of 400 digits', `{${norm},"data":[${'1'.repeat(400)}]}`],
    ['a number beyond a double in an option', '{"normalizer":{"method":"norm","order":-1e400},"data":[1]}'],
    ['an axis beyond a double', '{"normalizer":{"method":"norm","axis":1e400},"data":[1]}'],
    ['an axis of 1e300', '{"normalizer":{"method":"norm","axis":[1e300]},"data":[1]}'],
    ['a length of 1e300', `{${norm},"data":{"dtype":"uint8","shape":[1e300],"data":[1]}}`],
    ['a length of -0.5', `{${norm},"data":{"dtype":"uint8","shape":[-0.5],"data":[]}}`],
    ['a lone surrogate as a member', `{${norm},"data":[1],"\\ud800":1}`],
    ['a lone surrogate as the method', '{"normalizer":{"method":"\\udfff"},"data":[1]}'],
    ['a lone surrogate as a number', `{${norm},"data":["\\ud800"]}`],
    ['a surrogate pair where a message is cut', `{${norm},"data":["${'a'.repeat(39)}😀"],"${'b'.repeat(79)}😀":1}`],
    ['a method of 8 MB', `{"normalizer":{"method":"${'a'.repeat(8_000_000)}"},"data":[1]}`],
    ['an option of 8 MB', `{"normalizer":{"method":"norm","nan_policy":"${'a'.repeat(8_000_000)}"},"data":[1]}`],
    ['a member with a name of 8 MB', `{${norm},"data":[1],"${'a'.repeat(8_000_000)}":1}`],
    ['an escaped string of 3 MB as a number', `{${norm},"data":["${'\\u0000'.repeat(500_000)}"]}`],
    ['a string of 8 MB as data', `{${norm},"data":"${'a'.repeat(8_000_000)}"}`],
    [
      'base64 of 8 MB for one byte',
      `{${norm},"data":{"dtype":"uint8","shape":[1],"base64":"${'a'.repeat(8_000_000)}"}}`,
    ],
    ['1e6 axes', `{"normalizer":{"method":"norm","axis":[${list(1e6, () => '0')}]},"data":[1]}`],
    [
      '1e6 columns that are one',
      `{"normalizer":{"method":"minmax","columns":[${list(1e6, () => '0')}]},"data":[[1,2]]}`,
    ],
    [
      '300,000 columns that are text',
      `{"normalizer":{"method":"minmax","columns":[${list(3e5, () => '"a"')}]},"data":[[1,2]]}`,
    ],
    ['300,000 unknown options', `{"normalizer":{"method":"norm",${list(3e5, (at) => `"k${at}":1`)}},"data":[1]}`],
    ['300,000 unknown members', `{${norm},"data":[1],${list(3e5, (at) => `"k${at}":1`)}}`],
    ['300,000 things to include', `{${norm},"data":[1],"include":[${list(3e5, () => '"x"')}]}`],
    [
      '300,000 weights that are text',
      `{"normalizer":{"method":"zscore"},"data":[1],"sample_weight":[${list(3e5, () => '"x"')}]}`,
    ],
    ['800,000 rows, the last one ragged', `{${norm},"data":[${list(8e5, () => '[1]')},[1,2]]}`],
    ['200,000 brackets as data', `{${norm},"data":${nest(200_000)}}`],
    ['200,000 brackets as a row', `{${norm},"data":[1,${nest(200_000)}]}`],
    ['200,000 brackets as an axis', `{"normalizer":{"method":"norm","axis":${nest(200_000)}},"data":[1]}`],
    ['200,000 brackets as statistics', `{${norm},"data":[1],"statistics":${nest(200_000)}}`],
    ['200,000 objects as statistics', `{${norm},"data":[1],"statistics":${nest(200_000, '{"a":', '}', '1')}}`],
    ['200,000 brackets as weights', `{"normalizer":{"method":"zscore"},"data":[1],"sample_weight":${nest(200_000)}}`],
    ['200,000 brackets as a dtype', `{${norm},"data":{"dtype":${nest(200_000)},"shape":[],"data":[1]}}`],
    ['200,000 brackets as an unknown member', `{${norm},"data":[1],"x":${nest(200_000)}}`],
  ];
  for (const [what, body] of bodies) test(what, async () => isRefused(await send(body), 400, 413, 422));
});

test('no request holds up the others', async () => {
  const bodies = [
    `{"normalizer":{"method":"norm",${list(3e5, (at) => `"k${at}":1`)}},"data":[1]}`,
    `{"normalizer":{"method":"minmax","columns":[${list(3e5, () => '"a"')}]},"data":[[1,2]]}`,
    `{"normalizer":{"method":"minmax","columns":[${list(1e5, (at) => `${at}`)}]},"data":[[${list(1e5, (at) => `${at}`)}]],"include":[]}`,
  ];
  for (const body of bodies) {
    let answered = false;
    const reply = send(body, '/v1/normalize', 20).finally(() => (answered = true));
    let longest = 0;
    let last = performance.now();
    while (!answered) {
      await (await fetch(`${service.url}/health/live`)).text();
      await new Promise((resolve) => setTimeout(resolve, 2));
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    await reply;
    assert.ok(longest < 1000, `${body.slice(0, 60)}…: nothing else was answered for ${longest} ms`);
  }
});

describe('a small request does not become a large one', () => {
  const column = (count: number) =>
    `{"dtype":"uint8","shape":[${count},1],"base64":"${Buffer.alloc(count).toString('base64')}"}`;
  const bodies: [what: string, path: string, body: string][] = [
    [
      'bins',
      '/v1/describe',
      `{"data":${column(30_000)},"statistics":{"axis":-1,"histogram":{"bins":10000,"range":[0,1]}}}`,
    ],
    [
      'bins between ends',
      '/v1/describe',
      `{"data":${column(30_000)},"statistics":{"axis":-1,"histogram":{"bins":10000}}}`,
    ],
    [
      'quantiles',
      '/v1/describe',
      `{"data":${column(30_000)},"statistics":{"axis":-1,"quantiles":[${list(1000, (at) => String(at / 1000))}]}}`,
    ],
  ];
  for (const [what, path, body] of bodies) {
    test(`by ${what} for each of many slices`, async () => isRefused(await send(body, path, 20), 413, 422));
  }

  const fitted = (normalizer: object, shape: unknown[], parameters: object, scope: string) =>
    JSON.stringify({
      normalizer,
      input: { dtype: 'float32', shape },
      parameters,
      n_samples_seen: 1,
      scope,
      invertible: true,
      mergeable: false,
    });
  const norms = fitted({ method: 'norm' }, [null, null], { norms: [1] }, 'sample');
  for (const shape of ['[1099511627776,0]', '[33554432,0]', '[0,1125899906842624]']) {
    for (const statistics of ['true', '{"axis":0}', '{"axis":1,"quantiles":[0.5]}']) {
      test(`by a shape of ${shape} without elements, statistics ${statistics}`, async () => {
        const data = `{"dtype":"float32","shape":${shape},"data":[]}`;
        const reply = await send(`{"fitted":${norms},"data":${data},"statistics":${statistics}}`, '/v1/transform', 5);
        assert.ok([200, 400, 413, 422].includes(reply.status), `${reply.status} ${reply.body.subarray(0, 300)}`);
        assert.ok(reply.body.length < 10_000);
      });
    }
  }
});

describe('a fitted document that was tampered with', () => {
  const data = '[[1,2],[3,5]]';
  let document: Record<string, any>;
  before(async () => {
    document = (await service.post('/v1/fit', { normalizer: { method: 'minmax' }, data: JSON.parse(data) })).body
      .fitted;
  });
  const changes: [what: string, change: (fitted: Record<string, any>) => void][] = [
    ['a parameter that is missing', ({ parameters }) => delete parameters.data_min],
    ['a parameter more', ({ parameters }) => (parameters.more = [1, 2])],
    ['a parameter of another length', ({ parameters }) => (parameters.data_min = [1, 2, 3])],
    [
      'parameters that are all of another length',
      ({ parameters }) => Object.keys(parameters).forEach((name) => (parameters[name] = [1, 2, 3])),
    ],
    ['a parameter that is text', ({ parameters }) => (parameters.data_min = ['a', 'b'])],
    [
      'a parameter that is a tensor',
      ({ parameters }) => (parameters.data_min = { dtype: 'uint8', shape: [2], data: [1, 2] }),
    ],
    ['no parameters', (fitted) => (fitted.parameters = {})],
    ['parameters that are null', (fitted) => (fitted.parameters = null)],
    ['another method', ({ normalizer }) => (normalizer.method = 'norm')],
    ['another axis', ({ normalizer }) => (normalizer.axis = 1)],
    ['an axis out of range', ({ normalizer }) => (normalizer.axis = 5)],
    ['an unknown option', ({ normalizer }) => (normalizer.more = 1)],
    ['another scope', (fitted) => (fitted.scope = 'sample')],
    ['a shape of another rank', ({ input }) => (input.shape = [null])],
    ['a shape of rank 9', ({ input }) => (input.shape = new Array(9).fill(null))],
    ['a shape with half a length', ({ input }) => (input.shape = [null, 2.5])],
    ['a dtype that is none', ({ input }) => (input.dtype = 'complex64')],
    ['samples that are text', (fitted) => (fitted.n_samples_seen = 'x')],
    ['samples of another length', (fitted) => (fitted.n_samples_seen = [1, 2, 3])],
    ['samples that are a tensor', (fitted) => (fitted.n_samples_seen = { dtype: 'int8', shape: [], data: [1] })],
    ['a state of another version', ({ state }) => (state.version = 99)],
    ['a member more', (fitted) => (fitted.more = 1)],
    ['columns that do not exist', ({ normalizer }) => (normalizer.columns = [7])],
  ];
  for (const [what, change] of changes) {
    test(`to hold ${what}`, async () => {
      const changed = structuredClone(document);
      change(changed);
      for (const path of ['/v1/transform', '/v1/inverse-transform']) {
        const reply = await send(`{"fitted":${JSON.stringify(changed)},"data":${data}}`, path);
        isRefused(reply);
        assert.match(jsonOf(reply).errors[0].pointer, /^\/fitted/);
      }
    });
  }
});

test('a byte order mark is passed over, and the last of two members counts', async () => {
  const marked = await send(`\ufeff{${norm},"data":[3,4]}`);
  assert.equal(marked.status, 200);
  const twice = await send(`{${norm},"data":[1],"data":[3,4]}`);
  if (twice.status === 200) assert.deepEqual(jsonOf(twice).data, [0.6, 0.8]);
  else isRefused(twice, 400);
});

test('a million columns are normalized', async () => {
  const row = list(1e6, (at) => String(at % 7));
  const reply = await send(
    `{"normalizer":{"method":"minmax"},"data":[[${row}],[${row}]],"statistics":false,"include":["data"]}`,
    '/v1/normalize',
    30,
  );
  assert.equal(reply.status, 200);
  assert.equal(jsonOf(reply).data[1].length, 1e6);
});

test('one request of many that fail keeps its error to itself', async () => {
  const one = async (at: number) => {
    const data = [
      [at + 1, 2 * at + 1.5],
      [at + 3, at],
    ] as (number | null)[][];
    const kind = at % 3;
    if (kind === 1) data[0][0] = null;
    const { status, body } = await service.post('/v1/normalize', {
      normalizer: { method: 'minmax', axis: kind === 2 ? 7 : 0 },
      data,
    });
    if (kind === 0) assert.deepEqual(body.fitted.parameters.data_min, [at + 1, Math.min(2 * at + 1.5, at)]);
    else assert.deepEqual([status, body.code], [422, kind === 1 ? 'not_finite' : 'axis_out_of_range']);
  };
  await Promise.all(Array.from({ length: 200 }, (_, at) => one(at)));
});
