/** How a body of the Open Inference Protocol falls into JSON and bytes, and what does not fall so. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Service, startService } from '../../../service.ts';
import { bytesOf } from '../../../formats/arrays.ts';
import { exchange } from '../../exchange.ts';
import { infer, isProblem, storeModel } from './wire.ts';

let service: Service;
before(async () => {
  service = await startService({ bodyLimit: 4 * 2 ** 20 });
  await storeModel(service, 'pixels', { method: 'minmax' }, { dtype: 'float32', shape: [2, 2], data: [3, 5, 6, 10] });
  await storeModel(service, 'rows', { method: 'norm' }, [[3, 4]]);
});
after(() => service.close());

const input = { name: 'x', shape: [1, 2], datatype: 'FP32' };
const json = { ...input, data: [1, 2] };
const binary = { ...input, parameters: { binary_data_size: 8 } };
const bytes = bytesOf('float32', [1, 2]);

describe('a header length is refused', () => {
  for (const [title, value] of [
    ['negative', '-1'],
    ['a fraction', '1.5'],
    ['text', 'all'],
    ['beyond what is counted', '99999999999999999999'],
  ]) {
    test(`that is ${title}`, async () => {
      const reply = await infer(service, 'pixels', { inputs: [binary] }, bytes, {
        'inference-header-content-length': value,
      });
      isProblem(reply, 400, 'invalid_request', /the length in bytes of the JSON/);
    });
  }

  test('beyond the body, said or sent in chunks', async () => {
    const headers = { 'inference-header-content-length': '100000' };
    isProblem(
      await infer(service, 'pixels', { inputs: [json] }, bytes, headers),
      400,
      'broken_body',
      /100000, but the whole/,
    );
    const chunked = await fetch(`${service.url}/v2/models/pixels/infer`, {
      method: 'POST',
      headers,
      duplex: 'half',
      body: new Blob([JSON.stringify({ inputs: [json] })]).stream(),
    });
    assert.equal(chunked.status, 400);
    assert.match(((await chunked.json()) as { error: string }).error, /100000, but the whole/);
  });

  test('that cuts the JSON', async () => {
    const headers = { 'inference-header-content-length': '20' };
    isProblem(
      await infer(service, 'pixels', { inputs: [binary] }, bytes, headers),
      400,
      'invalid_json',
      /^The body is not JSON/,
    );
  });
});

describe('the raw mode refuses', () => {
  const raw = (model: string, body: Uint8Array) =>
    infer(service, model, '', body, { 'inference-header-content-length': '0' });

  test('bytes that are no whole number of rows', async () => {
    isProblem(
      await raw('pixels', Buffer.alloc(12)),
      400,
      'invalid_data',
      /12 bytes do not make a FP32 tensor of shape \(any, 2\), which takes 8 bytes/,
    );
  });

  test('a model with more than one dimension that varies', async () => {
    isProblem(await raw('rows', Buffer.alloc(16)), 400, 'invalid_request', /\(any, any\): send a JSON header/);
  });
});

describe('a request in a coding', () => {
  const body = Buffer.from(JSON.stringify({ inputs: [json] }));
  const send = (coding: string, coded: Uint8Array) =>
    exchange({
      url: `${service.url}/v2/models/pixels/infer`,
      headers: { 'content-encoding': coding },
      pieces: [coded],
    });

  test('that the protocol does not have is a 415 that names those it has', async () => {
    for (const [coding, coded] of [
      ['br', brotliCompressSync(body)],
      ['zstd', zstdCompressSync(body)],
      ['snappy', body],
    ] as const) {
      isProblem(await send(coding, coded), 415, 'unsupported_media_type', /supported: gzip and deflate/);
    }
  });

  test('that is broken is a 400', async () => {
    isProblem(await send('gzip', body), 400, 'broken_body', /could not be read/);
  });

  test('that inflates beyond the limit is a 413', async () => {
    isProblem(await send('gzip', gzipSync(Buffer.alloc(32 * 2 ** 20, ' '))), 413, 'body_too_large', /NORMA_BODY_LIMIT/);
  });

  test('that says to be over the limit is a 413 before it is read', async () => {
    const headers = { 'content-length': String(2 ** 30), 'inference-header-content-length': String(2 ** 29) };
    isProblem(
      await exchange({ url: `${service.url}/v2/models/pixels/infer`, headers, pieces: [body] }),
      413,
      'body_too_large',
      /NORMA_BODY_LIMIT/,
    );
  });
});

test('an inverse of parameters that belong to another batch is a 400 that says so', async () => {
  const request = {
    inputs: [{ ...json, shape: [2, 2], data: [1, 2, 3, 4] }],
    parameters: { operation: 'inverse_transform' },
  };
  isProblem(
    await infer(service, 'rows', request),
    400,
    'shape_mismatch',
    /the parameters belong to a batch of shape \(1,\)/,
    '/inputs/0',
  );
});
