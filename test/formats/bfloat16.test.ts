/** bfloat16 in JSON and in the inference protocol, against what ml_dtypes makes of the same numbers (fixtures/bfloat16.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { narrowToBfloat16, widenBfloat16 } from '#tensor/bfloat16.ts';
import { exchange } from '../http/exchange.ts';
import { infer, storeModel } from '../http/routes/inference/wire.ts';
import { type Service, startService } from '../service.ts';

const recorded = JSON.parse(readFileSync(new URL('../fixtures/bfloat16.json', import.meta.url), 'utf8'));
const bytes = (name: string) => Buffer.from(recorded[name], 'base64');
const singles = new Float32Array(new Uint8Array(bytes('float32')).buffer);
const widened = new Float32Array(new Uint8Array(bytes('widened')).buffer);
const count = singles.length;

/** Lets every number through as it is, infinities and NaN included. */
const through = { method: 'affine', nan_policy: 'propagate' };

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function normalize(data: object, rest: object = {}): Promise<any> {
  const answer = await service.post('/v1/normalize', { normalizer: through, data, include: ['data'], ...rest });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

/** The patterns of NaN are nobody's promise: one stands for all. */
function withOneNan(halves: Uint16Array): number[] {
  return Array.from(halves, (half) => ((half & 0x7fff) > 0x7f80 ? 0x7fc0 : half));
}

function halvesOf(text: string | Buffer): number[] {
  const raw = typeof text === 'string' ? Buffer.from(text, 'base64') : text;
  return withOneNan(new Uint16Array(new Uint8Array(raw).buffer));
}

describe('JSON', () => {
  test('float32 becomes the nearest bfloat16, ties to even, and what does not fit is counted', async () => {
    const data = { dtype: 'float32', shape: [count], base64: recorded.float32 };
    const body = await normalize(data, { output_dtype: 'bfloat16' });
    assert.equal(body.data.dtype, 'bfloat16');
    assert.deepEqual(halvesOf(body.data.base64), halvesOf(recorded.bfloat16));
    const lost = singles.filter((value, at) => Number.isFinite(value) && Math.abs(widened[at]) === Infinity).length;
    assert.equal(body.warnings.find(({ code }: { code: string }) => code === 'overflow')?.count, lost);
  });

  test('bfloat16 in base64 keeps its dtype and its bits', async () => {
    const body = await normalize({ dtype: 'bfloat16', shape: [count], base64: recorded.bfloat16 });
    assert.equal(body.data.dtype, 'bfloat16');
    assert.deepEqual(halvesOf(body.data.base64), halvesOf(recorded.bfloat16));
  });

  test('bfloat16 is the float32 that ml_dtypes widens it to', async () => {
    const data = { dtype: 'bfloat16', shape: [count], base64: recorded.bfloat16 };
    const body = await normalize(data, { output_dtype: 'float32' });
    assert.deepEqual(new Float32Array(new Uint8Array(Buffer.from(body.data.base64, 'base64')).buffer), widened);
  });

  test('numbers in a flat list are rounded once, and written with the digits that tell them apart', async () => {
    // JSON.stringify takes the sign of -0 away.
    const isSent = (value: number) => Math.abs(value) < 3.38e38 && value !== 0;
    const finite = [...singles].filter(isSent);
    const { data } = await normalize({ dtype: 'bfloat16', shape: [finite.length], data: finite });
    assert.deepEqual(
      Float32Array.from(data.data as number[]),
      widened.filter((_, at) => isSent(singles[at])),
    );
  });

  test('doubles are rounded once on their way out, not first to float32', async () => {
    const halfway = fc
      .tuple(fc.integer({ min: 0x0080, max: 0x7f00 }), fc.constantFrom(-(2 ** -40), 0, 2 ** -40))
      .map(([half, off]) => {
        const [low, high] = widenBfloat16(Uint16Array.of(half, half + 1));
        return (low / 2 + high / 2) * (1 + off);
      });
    const values = fc.sample(halfway, { seed: 7, numRuns: 500 });
    const { data } = await normalize({ dtype: 'float64', shape: [500], data: values }, { output_dtype: 'bfloat16' });
    assert.deepEqual(Float32Array.from(data.data), widenBfloat16(narrowToBfloat16(Float64Array.from(values)).halves));
  });

  test('a number beyond its largest is refused at its place', async () => {
    const data = { dtype: 'bfloat16', shape: [2], data: [1, 3.4e38] };
    const answer = await service.post('/v1/normalize', { normalizer: through, data });
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.body.errors[0].pointer, '/data/data/1');
  });

  test('a fit on bfloat16 says so, and its statistics are those of the values', async () => {
    const data = { dtype: 'bfloat16', shape: [4, 1], data: [1, 2, 3, 1.005] };
    const { fitted, statistics } = await normalize(data, { normalizer: { method: 'minmax' }, include: undefined });
    assert.equal(fitted.input.dtype, 'bfloat16');
    assert.deepEqual(statistics.input.minmax, [1, 3]);
    assert.equal(statistics.input.mean, 7.0078125 / 4);
  });
});

describe('formats without bfloat16', () => {
  for (const type of [
    'application/x-npy',
    'application/x-npz',
    'application/vnd.apache.arrow.stream',
    'application/vnd.apache.parquet',
  ]) {
    test(`${type} says what to ask for`, async () => {
      const reply = await exchange({
        url: `${service.url}/v1/normalize`,
        headers: { 'content-type': 'application/json', accept: type },
        pieces: [JSON.stringify({ normalizer: through, data: { dtype: 'bfloat16', shape: [1, 2], data: [1, 2] } })].map(
          (text) => Buffer.from(text),
        ),
      });
      assert.equal(reply.status, 422);
      assert.match(
        JSON.parse(reply.body.toString()).detail,
        /has no bfloat16: ask for JSON, or for output_dtype=float32/,
      );
    });
  }

  test('CSV has its numbers', async () => {
    const answer = await fetch(`${service.url}/v1/normalize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/csv' },
      body: JSON.stringify({ normalizer: through, data: { dtype: 'bfloat16', shape: [1, 2], data: [0.1, -2] } }),
    });
    assert.match(await answer.text(), /0\.100097656,-2/);
  });
});

describe('the inference protocol', () => {
  before(() => storeModel(service, 'through', through, { dtype: 'bfloat16', shape: [1, 2], data: [1, 2] }));

  const half = bytes('bfloat16').subarray(0, 4 * Math.floor(count / 2));
  const input = { name: 'input', shape: [half.length / 4, 2], datatype: 'BF16' };
  const request = (parameters: object) => ({
    inputs: [{ ...input, parameters: { binary_data_size: half.length } }],
    parameters,
  });

  test('BF16 comes in and goes out as bytes', async () => {
    const reply = await infer(service, 'through', request({ binary_data_output: true }), half);
    const end = Number(reply.headers['inference-header-content-length']);
    assert.equal(JSON.parse(reply.body.toString('utf8', 0, end)).outputs[0].datatype, 'BF16');
    assert.deepEqual(halvesOf(reply.body.subarray(end)), halvesOf(half));
  });

  test('FP32 gives BF16 where that is asked for, by either name', async () => {
    const single = bytes('float32').subarray(0, 2 * half.length);
    for (const output_dtype of ['BF16', 'bfloat16']) {
      const inputs = [{ ...input, datatype: 'FP32', parameters: { binary_data_size: single.length } }];
      const reply = await infer(
        service,
        'through',
        { inputs, parameters: { output_dtype, binary_data_output: true } },
        single,
      );
      const end = Number(reply.headers['inference-header-content-length']);
      assert.deepEqual(halvesOf(reply.body.subarray(end)), halvesOf(half));
    }
  });

  test('in JSON, which has none, the values come as FP32', async () => {
    const two = bytes('bfloat16').subarray(0, 4);
    const inputs = [{ ...input, shape: [1, 2], parameters: { binary_data_size: 4 } }];
    const reply = await infer(service, 'through', { inputs }, two);
    const [output] = JSON.parse(reply.body.toString()).outputs;
    assert.equal(output.datatype, 'FP32');
    assert.deepEqual(Float32Array.from(output.data), widened.subarray(0, 2));
  });

  test('the metadata name it', async () => {
    const body: any = await (await fetch(`${service.url}/v2/models/through`)).json();
    assert.deepEqual([body.inputs[0].datatype, body.outputs[0].datatype], ['BF16', 'BF16']);
  });
});
