/** Large tensors: they flow through in blocks, and what nobody waits for ends. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Service, startService } from '../../../service.ts';
import { cutInto, exchange, jsonOf } from '../../exchange.ts';
import { infer, outputOf, storeModel } from './wire.ts';

const limit = 4 * 2 ** 20;

let service: Service;
before(async () => {
  service = await startService({ bodyLimit: limit });
  await storeModel(
    service,
    'scaled',
    { method: 'affine', rescale: 0.5 },
    { dtype: 'float32', shape: [1, 1000], data: new Array(1000).fill(0) },
  );
  await storeModel(
    service,
    'whole',
    { method: 'norm', axis: [1, 2] },
    { dtype: 'float32', shape: [1, 2, 2], data: [1, 2, 3, 4] },
  );
});
after(() => service.close());

/** Rows of 1000 float32, more than the limit by far. */
const rows = 4000;
const elements = Float32Array.from({ length: rows * 1000 }, (_, at) => at % 8191);
const bytes = Buffer.from(elements.buffer);
const halved = elements.map((element) => element / 2);

const inputs = (datatype: string, size: number) => [
  { name: 'x', shape: [rows, 1000], datatype, parameters: { binary_data_size: size } },
];
const parameters = { binary_data_output: true };

function isHalved(found: Buffer): void {
  assert.ok(found.equals(Buffer.from(halved.buffer)));
}

test('a tensor of four times the limit streams through, to a client that reads late', async () => {
  const json = Buffer.from(JSON.stringify({ inputs: inputs('FP32', bytes.length), parameters }));
  const reply = await exchange({
    url: `${service.url}/v2/models/scaled/infer`,
    headers: { 'inference-header-content-length': String(json.length) },
    // The JSON ends within a piece.
    pieces: cutInto(Buffer.concat([json, bytes]), 300_001),
    readsLate: true,
  });
  isHalved(outputOf(reply).bytes);
  assert.equal(reply.headers['content-length'], String(reply.body.length));
});

test('so does one in the raw mode', async () => {
  const twos = { dtype: 'float32', shape: [1, 1000], data: new Array(1000).fill(2) };
  await storeModel(service, 'columns', { method: 'maxabs' }, twos);
  const reply = await infer(service, 'columns', '', bytes, { 'inference-header-content-length': '0' });
  assert.deepEqual(outputOf(reply).shape, [rows, 1000]);
  isHalved(outputOf(reply).bytes);
});

test('so does one of bfloat16, given back as FP32', async () => {
  const halves = Buffer.from(Uint16Array.from(new Uint32Array(elements.buffer), (word) => word >>> 16).buffer);
  const widened = Float32Array.from(elements);
  const words = new Uint32Array(widened.buffer);
  for (let at = 0; at < words.length; at++) words[at] &= 0xffff0000;
  const reply = await infer(
    service,
    'scaled',
    { inputs: inputs('BF16', halves.length), parameters: { ...parameters, output_dtype: 'FP32' } },
    halves,
  );
  assert.ok(outputOf(reply).bytes.equals(Buffer.from(widened.map((element) => element / 2).buffer)));
});

test('a compressed answer of it is the same', async () => {
  for (const coding of ['gzip', 'deflate']) {
    const request = { inputs: inputs('FP32', bytes.length), parameters };
    const reply = await infer(service, 'scaled', request, bytes, { 'accept-encoding': coding });
    assert.equal(reply.headers['content-encoding'], coding);
    isHalved(outputOf(reply).bytes);
  }
});

test('its answer may be JSON', async () => {
  const reply = await infer(service, 'scaled', { inputs: inputs('FP32', bytes.length) }, bytes);
  isHalved(outputOf(reply).bytes);
});

test('one that has to be held is a 413 before it is read', async () => {
  const shape = [1, 2000, 2000];
  const input = { name: 'x', shape, datatype: 'FP32', parameters: { binary_data_size: bytes.length } };
  const reply = await infer(service, 'whole', { inputs: [input], parameters }, bytes);
  assert.equal(reply.status, 413, reply.body.toString());
  assert.match(jsonOf(reply).error, /NORMA_BODY_LIMIT/);
});

test('a body that ends early, sent in chunks, ends the answer, too', async () => {
  const json = JSON.stringify({ inputs: inputs('FP32', bytes.length), parameters });
  const response = await fetch(`${service.url}/v2/models/scaled/infer`, {
    method: 'POST',
    duplex: 'half',
    headers: { 'inference-header-content-length': String(json.length) },
    body: new Blob([json, bytes.subarray(0, bytes.length - 4)]).stream(),
  });
  await assert.rejects(response.arrayBuffer());
});

test('a client that goes away leaves the service to others', async () => {
  const json = JSON.stringify({ inputs: inputs('FP32', bytes.length), parameters });
  for (let at = 0; at < 8; at++) {
    const outgoing = request(`${service.url}/v2/models/scaled/infer`, {
      method: 'POST',
      agent: false,
      headers: { 'inference-header-content-length': json.length, 'content-length': json.length + bytes.length },
    });
    outgoing.on('error', () => undefined);
    outgoing.write(json);
    outgoing.write(bytes.subarray(0, bytes.length >> at));
    await pause(20);
    outgoing.destroy();
  }
  isHalved(outputOf(await infer(service, 'scaled', { inputs: inputs('FP32', bytes.length), parameters }, bytes)).bytes);
});
