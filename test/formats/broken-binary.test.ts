/** Binary bodies that are cut, too long or lie: a 4xx that says so, or a cut connection; never a 5xx and never silence. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { type Service, startService } from '../service.ts';
import { idxFile, npyFile, npyHeader, npyOf, npyPrefix } from './arrays.ts';
import { cutInto, exchange, jsonOf, type Reply } from '../http/exchange.ts';

const npy = 'application/x-npy';
const idx = 'application/octet-stream';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

/** Whatever was sent before, the next request must be answered. */
afterEach(async () => {
  const answer = await service.post('/v1/normalize', {
    normalizer: { method: 'norm' },
    data: [3, 4],
    include: ['data'],
  });
  assert.deepEqual(answer.body.data, [0.6, 0.8]);
});

function send(
  path: string,
  body: Uint8Array,
  more: Partial<Parameters<typeof exchange>[0]> & { type?: string } = {},
): Promise<Reply> {
  const { type = npy, headers, ...rest } = more;
  return exchange({ url: service.url + path, pieces: [body], headers: { 'content-type': type, ...headers }, ...rest });
}

function isProblem(reply: Reply, what: string, statuses: number[] = [400]): void {
  assert.ok(statuses.includes(reply.status), `${what}: ${reply.status} ${reply.body.subarray(0, 300)}`);
  assert.match(reply.headers['content-type'] ?? '', /^application\/problem\+json/, what);
  assert.ok(reply.body.length < 2000, what);
  assert.equal(jsonOf(reply).status, reply.status, what);
}

describe('a file that is cut', () => {
  test('within the npy header, at every byte', async () => {
    for (const version of [1, 2, 3] as const) {
      const header = npyHeader('float64', [2, 3], { version });
      for (let length = 0; length < header.length; length++) {
        isProblem(
          await send('/v1/normalize?method=norm', header.subarray(0, length)),
          `${length} bytes of version ${version}`,
        );
      }
    }
  });

  test('within the IDX header, at every byte', async () => {
    const file = idxFile('uint8', [2, 2], [3, 5, 6, 10]);
    for (let length = 0; length < 12; length++) {
      isProblem(await send('/v1/normalize?method=norm', file.subarray(0, length), { type: idx }), `${length} bytes`);
    }
  });

  test('within the data, at every byte, for every call', async () => {
    const elements = [3, 5, 6, 10, 7, 8];
    const file = npyFile('float32', [2, 3], elements);
    const images = idxFile('int16', [2, 3], elements);
    for (let missing = 1; missing <= 24; missing++) {
      for (const path of [
        '/v1/normalize?method=norm',
        '/v1/normalize?method=minmax',
        '/v1/fit?method=zscore',
        '/v1/describe',
      ]) {
        isProblem(
          await send(path, file.subarray(0, file.length - missing)),
          `${path} without the last ${missing} bytes`,
        );
      }
      if (missing > 12) continue;
      isProblem(
        await send('/v1/fit?method=minmax', images.subarray(0, images.length - missing), { type: idx }),
        `IDX without ${missing}`,
      );
    }
  });

  test('within the data of several blocks: a problem, or half an answer that ends with the connection', async () => {
    const file = npyOf(new Float32Array(600 * 784).fill(2), [600, 784]);
    for (const length of [file.length - 1, file.length - 784 * 4, 2 ** 20, 500]) {
      const body = file.subarray(0, length);
      for (const path of ['/v1/normalize?method=minmax', '/v1/fit?method=minmax', '/v1/describe'])
        isProblem(await send(path, body), `${path} ${length}`);
      const reply = await send('/v1/normalize?method=norm', body, { headers: { accept: npy } });
      if (reply.status === 200) assert.ok(reply.cut, `${length} bytes gave a whole answer`);
      else isProblem(reply, `${length} bytes`);
    }
  });
});

describe('a file that is too long', () => {
  test('by one byte, in one block and in several', async () => {
    for (const rows of [3, 600]) {
      const file = Buffer.concat([npyOf(new Float32Array(rows * 784).fill(2), [rows, 784]), Buffer.from([0])]);
      for (const path of ['/v1/normalize?method=minmax', '/v1/fit?method=norm', '/v1/describe'])
        isProblem(await send(path, file), `${path} ${rows}`);
      const reply = await send('/v1/normalize?method=norm', file, { headers: { accept: npy } });
      if (reply.status === 200) assert.ok(reply.cut, 'a body that is too long gave a whole answer');
      else isProblem(reply, 'norm');
    }
    isProblem(
      await send('/v1/fit?method=norm', Buffer.concat([idxFile('uint8', [1, 2], [3, 5]), Buffer.from([0])]), {
        type: idx,
      }),
      'IDX',
    );
  });

  test('because two files follow each other', async () => {
    const file = npyFile('float64', [1], [3]);
    isProblem(await send('/v1/normalize?method=norm', Buffer.concat([file, file])), 'two files');
  });
});

describe('a header that lies', () => {
  const dict = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n";
  const lies: [string, Buffer][] = [
    ['a length of zero', npyPrefix(dict, 1, 0)],
    ['a length that ends within the dict', npyPrefix(dict, 1, dict.length - 5)],
    ['a length that takes in data', npyPrefix(dict, 1, dict.length + 8)],
    ['a length of 4 GiB', npyPrefix(dict, 2, 2 ** 32 - 1)],
    ['version 4.0', Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 4, 0, 20, 0])],
    ['a dtype that is none', npyPrefix(dict.replace('<f8', '<q9'))],
    ['objects', npyPrefix(dict.replace('<f8', '|O'))],
    ['complex numbers', npyPrefix(dict.replace('<f8', '<c16'))],
    ['records', npyPrefix(dict.replace("'<f8'", "[('a', '<f8')]"))],
    ['text', npyPrefix(dict.replace('<f8', '<U8'))],
    ['a negative length', npyPrefix(dict.replace('(1,)', '(-1,)'))],
    ['a shape that is no tuple', npyPrefix(dict.replace('(1,)', '1'))],
    ['a shape that calls a function', npyPrefix(dict.replace('(1,)', '(len("a"),)'))],
    ['no order', npyPrefix(dict.replace("'fortran_order': False, ", ''))],
    ['a member more', npyPrefix(dict.replace('}', "'more': 1, }"))],
    ['a zip file', Buffer.from('PK\x03\x04npz')],
    ['JSON', Buffer.from('{"data": [1]}')],
    ['a text that is not ASCII', npyPrefix(dict.replace('f8', 'f８'), 3)],
  ];
  for (const [what, prefix] of lies) {
    test(`with ${what}`, async () => {
      isProblem(await send('/v1/normalize?method=norm', Buffer.concat([prefix, Buffer.alloc(8)])), what);
    });
  }

  const shapes = [
    [2 ** 32, 2 ** 32],
    [2 ** 53, 2],
    [2 ** 40, 1],
    [1, 2 ** 40],
    [2 ** 40],
    [2, 2 ** 35],
    [2 ** 20, 2 ** 20],
    [0, 2 ** 52, 2, 2],
    [1, 1, 1, 1, 1, 1, 1, 1, 1],
  ];
  const asked = [
    '/v1/normalize?method=norm',
    '/v1/normalize?method=norm&columns=0',
    '/v1/normalize?method=minmax&axis=1',
    '/v1/normalize?method=zscore&include=data',
    '/v1/normalize?method=minmax&axis=null&statistics=false',
    '/v1/fit?method=minmax',
    '/v1/fit?method=zscore&columns=0',
    '/v1/describe',
    `/v1/describe?statistics=${encodeURIComponent('{"axis":0,"histogram":{"range":[0,1]}}')}`,
    `/v1/describe?statistics=${encodeURIComponent('{"axis":-1,"quantiles":[0.5]}')}`,
  ];
  for (const shape of shapes) {
    test(`with the shape (${shape.join(', ')}) before three bytes`, async () => {
      for (const path of asked) {
        for (const fortran of [false, true]) {
          const body = Buffer.concat([npyHeader('uint8', shape, { fortran }), Buffer.from('abc')]);
          isProblem(
            await send(path, body, { within: 3 }),
            `${path}${fortran ? ' in Fortran order' : ''}`,
            [400, 413, 422],
          );
        }
      }
    });
  }

  test('in an IDX file', async () => {
    const largest = Buffer.alloc(4 + 8 * 4, 255);
    largest.set([0, 0, 8, 8]);
    isProblem(await send('/v1/fit?method=minmax', largest, { type: idx }), 'all lengths 2^32 - 1', [400, 422]);
    isProblem(
      await send('/v1/fit?method=minmax', Buffer.from([0, 0, 8, 200, 0, 0, 0, 1]), { type: idx }),
      'rank 200',
      [422],
    );
    isProblem(
      await send('/v1/fit?method=minmax', Buffer.from([0, 0, 10, 1, 0, 0, 0, 1, 5]), { type: idx }),
      'an unknown type',
    );
    isProblem(
      await send('/v1/fit?method=minmax', Buffer.from([0, 0, 8, 1, 255, 255, 255, 255, 5]), { type: idx }),
      '2^32 - 1 elements',
    );
  });
});

describe('a client that reads only when it has sent everything is told what is wrong', () => {
  const long = npyOf(new Float32Array(4 * 2 ** 20).fill(1), [2 ** 20, 4]);
  const late = { readsLate: true, within: 4 };

  test('with the query', async () => {
    isProblem(await send('/v1/normalize?method=nothing', long, late), 'an unknown method');
    isProblem(await send('/v1/normalize?method=norm&axis=7', long, late), 'an axis out of range', [422]);
    isProblem(
      await send('/v1/normalize?method=norm', long, { ...late, headers: { accept: 'image/png' } }),
      'Accept',
      [406],
    );
  });

  test('with the header', async () => {
    isProblem(await send('/v1/normalize?method=norm', Buffer.alloc(long.length, 'x'), late), 'no npy');
    isProblem(
      await send('/v1/normalize?method=norm', Buffer.alloc(long.length, 'x'), { ...late, type: idx }),
      'no IDX, but a line of text',
      [422],
    );
    isProblem(await send('/v1/normalize', long, { ...late, type: 'image/png' }), 'the media type', [415]);
  });

  test('with the coding', async () => {
    for (const coding of ['gzip', 'deflate', 'br', 'zstd']) {
      const headers = { 'content-encoding': coding };
      isProblem(
        await send('/v1/normalize?method=norm', Buffer.alloc(long.length, 'x'), { ...late, headers }),
        `${coding} of npy`,
      );
      isProblem(
        await send('/v1/normalize', Buffer.alloc(long.length, 'x'), { ...late, headers, type: 'application/json' }),
        `${coding} of JSON`,
      );
    }
  });

  test('with the data: in the first block of many', async () => {
    const nan = Buffer.from(long);
    nan.writeFloatLE(NaN, 128 + 4 * 21);
    for (const path of ['/v1/fit?method=zscore', '/v1/normalize?method=minmax']) {
      const reply = await send(path, nan, late);
      isProblem(reply, path, [422]);
      assert.match(jsonOf(reply).detail, /\[5, 1\]/);
    }
    const streamed = await send('/v1/normalize?method=norm', nan, { ...late, headers: { accept: npy } });
    if (streamed.status === 200) assert.ok(streamed.cut);
    else isProblem(streamed, 'norm', [422]);
  });
});

test('a client that goes away in the middle leaves the service as it was', async () => {
  const file = npyOf(new Float32Array(600 * 784).fill(2), [600, 784]);
  const headers = { 'content-type': npy, 'content-length': String(file.length) };
  for (const path of ['/v1/normalize?method=norm', '/v1/normalize?method=minmax', '/v1/fit?method=minmax']) {
    for (const length of [0, 20, 200, 2 ** 20]) {
      const gone = exchange({
        url: service.url + path,
        pieces: cutInto(file.subarray(0, length), 2 ** 18),
        headers,
        within: 0.2,
      });
      await assert.rejects(gone, /no whole answer/);
    }
  }
});
