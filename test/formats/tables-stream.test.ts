/** Tables larger than what one request may hold: what sees each value once flows, and the rest is told why not. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { columnarBatch } from '#formats/arrow/encode-record-batch.ts';
import { endOfStream, schemaMessage } from '#formats/arrow/encode-messages.ts';
import { type Service, startService } from '../service.ts';
import { npyOf } from './arrays.ts';
import { exchange, jsonOf } from '../http/exchange.ts';

const columns = 4;

/** More than a megabyte of text, and more than a block of values: 400,000 of them in 800,000 bytes. */
const rows = 100_000;
const values = Float64Array.from({ length: rows * columns }, (_, at) => (at * 7) % 10);
const lines = Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns).join(','));
const csv = Buffer.from(`${lines.join('\n')}\n`);
const batch = Buffer.from(columnarBatch(values, 'float64', columns));
const schema = Buffer.from(schemaMessage({ names: ['a', 'b', 'c', 'd'], dtype: 'float64' }));

const formats = {
  csv: { type: 'text/csv', before: Buffer.from('a,b,c,d\n'), piece: csv, after: Buffer.alloc(0) },
  arrow: {
    type: 'application/vnd.apache.arrow.stream',
    before: schema,
    piece: batch,
    after: Buffer.from(endOfStream),
  },
};

type Format = (typeof formats)[keyof typeof formats];

/** What one request may hold: three pieces as they come decoded, and no more. */
const limit = 10_000_000;
const held = 3;
const many = 6;

let service: Service;
let fitted: string;
before(async () => {
  service = await startService({ bodyLimit: limit });
  const fit = await service.post('/v1/fit?method=zscore&include=fitted', npyOf(values, [rows, columns]), {
    'content-type': 'application/x-npy',
  });
  fitted = `fitted=${encodeURIComponent(JSON.stringify({ ...fit.body.fitted, state: undefined }))}`;
});
after(() => service.close());

function* bodyOf({ before, piece, after }: Format, count: number): Generator<Buffer> {
  yield before;
  for (let at = 0; at < count; at++) yield piece;
  yield after;
}

function post(path: string, format: Format, count: number, headers: Record<string, string> = {}) {
  const sent = { pieces: bodyOf(format, count), headers: { 'content-type': format.type, ...headers }, within: 60 };
  return exchange({ url: service.url + path, ...sent });
}

for (const [name, format] of Object.entries(formats)) {
  describe(`${name} over the limit`, () => {
    test('has its first answer before its last byte is sent', async () => {
      const outgoing = request(`${service.url}/v1/transform?${fitted}`, {
        method: 'POST',
        agent: false,
        headers: { 'content-type': format.type, accept: format.type },
      });
      for (const piece of bodyOf(format, many)) if (piece !== format.after) outgoing.write(piece);
      const first = await new Promise<number>((resolve, reject) => {
        outgoing.on('error', reject);
        outgoing.on('response', (incoming) => {
          incoming.once('data', (data: Buffer) => {
            resolve(data.length);
            incoming.resume();
          });
        });
      });
      assert.ok(first > 0);
      const closed = new Promise((resolve) => outgoing.once('close', resolve));
      outgoing.end(format.after);
      await closed;
    });

    test('is transformed, fitted and described as the same rows in pieces are', async () => {
      const whole = await post(`/v1/transform?${fitted}`, format, many, { accept: 'text/csv' });
      const one = await post(`/v1/transform?${fitted}`, format, 1, { accept: 'text/csv' });
      assert.equal(whole.status, 200);
      const header = one.body.indexOf('\n') + 1;
      const expected = [one.body, ...Array.from({ length: many - 1 }, () => one.body.subarray(header))];
      assert.ok(whole.body.equals(Buffer.concat(expected)));

      const fit = jsonOf(await post('/v1/fit?method=minmax', format, many));
      assert.equal(fit.fitted.n_samples_seen, many * rows);
      assert.deepEqual(fit.fitted.parameters.data_max, [8, 9, 8, 9]);
      const { statistics } = jsonOf(await post('/v1/describe?statistics={"axis":null}', format, many));
      assert.deepEqual([statistics.nobs, statistics.minmax], [many * rows * columns, [0, 9]]);
      const affine = jsonOf(await post('/v1/normalize?method=affine&std=2&include=fitted', format, many));
      assert.equal(affine.fitted.n_samples_seen, many * rows * columns);
    });

    test('gives nested lists that end, of as many rows', async () => {
      const { data } = jsonOf(await post('/v1/normalize?method=norm&include=data', format, many));
      assert.equal(data.length, many * rows);
    });

    test('is 413 where all of it is needed at once, or its rows are counted first', async () => {
      for (const [path, accept] of [
        ['/v1/normalize?method=minmax', format.type],
        ['/v1/fit?method=robust', '*/*'],
        [`/v1/transform?${fitted}`, 'application/x-npy'],
        ['/v1/normalize?method=norm', '*/*'],
        ['/v1/fit?method=zscore&sample_weight=1,2', '*/*'],
        ['/v1/compare', '*/*'],
      ]) {
        const reply = await post(path, format, many, { accept });
        assert.deepEqual([reply.status, jsonOf(reply).code], [413, 'body_too_large'], path);
      }
      const within = await post(`/v1/transform?${fitted}`, format, held, { accept: 'application/x-npy' });
      assert.equal(within.status, 200);
      assert.equal(jsonOf(await post('/v1/compare', format, held - 1)).input.statistics.nobs, (held - 1) * rows);
    });

    test('that breaks after the first answer cuts the connection', async () => {
      const broken = { ...format, after: Buffer.from('x\n') };
      const reply = await post(`/v1/transform?${fitted}`, broken, many, { accept: format.type });
      assert.deepEqual([reply.status, reply.cut], [200, true]);
    });

    test('is a part of a fit in parts, which counts its samples', async () => {
      const { body } = await service.post('/v1/fits', { normalizer: { method: 'zscore' } });
      const url = `${service.url}/v1/fits/${body.id}/parts/one`;
      const sent = {
        method: 'PUT',
        pieces: bodyOf(format, many),
        headers: { 'content-type': format.type },
        within: 60,
      };
      assert.equal(jsonOf(await exchange({ url, ...sent })).n_samples, many * rows);
    });
  });
}

test('a record batch over the limit is 413 and says what to do, but one column of it flows', async () => {
  const wide = Buffer.from(columnarBatch(new Float64Array(1_600_000), 'float64', 2));
  const two = { ...formats.arrow, before: Buffer.from(schemaMessage({ names: ['a', 'b'], dtype: 'float64' })) };
  const refused = await post('/v1/describe', { ...two, piece: wide }, 1);
  assert.equal(refused.status, 413);
  assert.match(jsonOf(refused).detail, /record batch has 12800000 bytes.*max_chunksize/);
  const long = Buffer.from(columnarBatch(new Float64Array(1_600_000), 'float64', 1));
  const one = { ...formats.arrow, before: Buffer.from(schemaMessage({ names: ['a'], dtype: 'float64' })) };
  assert.equal(jsonOf(await post('/v1/describe', { ...one, piece: long }, 1)).statistics.nobs, 1_600_000);
});
