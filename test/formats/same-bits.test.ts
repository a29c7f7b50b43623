/** The same data give the same bits, in whatever format they come and in whatever format the answer goes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Service, startService } from '../service.ts';
import { countOf, type Dtype, dtypes } from './arrays.ts';
import {
  type AnswerFormat,
  answerFormats,
  type Bits,
  type Elements,
  type RequestFormat,
  requestFormats,
} from './formats.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function normalized(query: string, from: RequestFormat, body: Buffer, to: AnswerFormat): Promise<Bits> {
  const response = await fetch(`${service.url}/v1/normalize?${query}`, {
    method: 'POST',
    headers: { 'content-type': from.type, accept: to.type },
    body: new Uint8Array(body),
  });
  const answer = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 200, `${from.name} to ${to.type}: ${answer.subarray(0, 300)}`);
  const { dtype, shape, data } = to.read(answer);
  return { dtype, shape, data };
}

/** Every request format to npy, and every answer format from npy. */
async function areTheSame(array: Elements, query: string): Promise<void> {
  const npy = requestFormats.find(({ name }) => name === 'npy') as RequestFormat;
  const [toNpy] = answerFormats;
  const body = npy.write(array) as Buffer;
  const expected = await normalized(query, npy, body, toNpy);
  for (const from of requestFormats) {
    const written = from.write(array);
    if (written) assert.deepEqual(await normalized(query, from, written, toNpy), expected, from.name);
  }
  for (const to of answerFormats) {
    if (to.holds(expected)) assert.deepEqual(await normalized(query, npy, body, to), expected, to.type);
  }
}

const numbers: Record<Dtype, fc.Arbitrary<number>> = {
  bool: fc.integer({ min: 0, max: 1 }),
  uint8: fc.nat(255),
  int8: fc.integer({ min: -128, max: 127 }),
  uint16: fc.nat(65535),
  int16: fc.integer({ min: -32768, max: 32767 }),
  uint32: fc.nat(2 ** 31 - 1),
  int32: fc.integer(),
  uint64: fc.maxSafeNat(),
  int64: fc.maxSafeInteger(),
  float16: fc.double({ min: -6e4, max: 6e4, noNaN: true }).map(Math.f16round),
  float32: fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 100), max: 2 ** 100 }),
  float64: fc.double({ noNaN: true, min: -1e100, max: 1e100 }),
};

const shapes = fc
  .oneof({ weight: 2, arbitrary: fc.constant(2) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 }) })
  .chain((rank) => fc.array(fc.integer({ min: 1, max: 4 }), { minLength: rank, maxLength: rank }))
  .map((shape) => shape.map((length, axis) => (countOf(shape.slice(0, axis + 1)) > 300 ? 1 : length)));

for (const dtype of dtypes) {
  test(`small arrays of ${dtype}`, async () => {
    const cases = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        // JSON.stringify writes -0 as 0, so that none is sent.
        elements: fc.array(
          numbers[dtype].map((number) => number || 0),
          { minLength: countOf(shape), maxLength: countOf(shape) },
        ),
        method: fc.constantFrom('minmax', 'zscore', 'norm'),
        axis: fc.option(fc.integer({ min: -Math.max(shape.length, 1), max: Math.max(shape.length - 1, 0) })),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, ({ shape, elements, method, axis }) =>
        areTheSame({ dtype, shape, elements }, `method=${method}&axis=${axis}&include=data`),
      ),
      { numRuns: 8 },
    );
  });
}

describe('arrays of several blocks', () => {
  const shape = [60_000, 5];
  const elements = Array.from({ length: 300_000 }, (_, at) => (at * at + (at >> 3)) % 251);
  // One that streams, and one that looks at all blocks first.
  for (const [dtype, query] of [
    ['float64', 'method=norm'],
    ['uint8', 'method=zscore&axis=null'],
    ['float32', 'method=log'],
    ['float64', 'method=whiten&kind=pca&n_components=2'],
  ] as const)
    test(`of ${dtype}, ?${query}`, () => areTheSame({ dtype, shape, elements }, `${query}&include=data`));
});
