/** Laws that hold for every method the service lists, whatever the data. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { startService } from '../service.ts';
import { bytesOf, countOf, type Dtype, elementsOf } from './arrays.ts';

type Axis = number | number[] | null;
type Options = Record<string, unknown>;

interface Batch {
  shape: number[];
  axis: Axis;
  /** Eighths of integers: exact in every float dtype. */
  values: number[];
}

const service = await startService();
after(() => service.close());

const { methods: all } = (await (await fetch(`${service.url}/v1/methods`)).json()) as {
  methods: { method: string; scope: string; invertible: boolean }[];
};

/** Those made of others are tried in test/engine/composed-properties.test.ts. */
const methods = all.filter(({ scope }) => !scope.startsWith('that of its parts'));

const pick = <Value>(...values: Value[]) => fc.constantFrom(...values);

/** The options a method is tried with, beside the axis. A method without a line here is tried with its defaults. */
const optionsOf: Record<string, fc.Arbitrary<Options>> = {
  minmax: fc.record({ feature_range: pick([0, 1], [-1, 1], [5, 6.5], [-3, -2]), clip: fc.boolean() }),
  zscore: fc.record({
    epsilon: pick(0, 1e-5),
    with_mean: fc.boolean(),
    with_std: fc.boolean(),
    ddof: pick(0, 1),
    clip: pick(null, [-1e6, 1e6]),
  }),
  norm: fc.record({
    order: pick<number | string>(2, 1, 3, 0, 0.5, -1, -2, 'inf', '-inf', 'rms'),
    epsilon: pick(0, 1e-12),
  }),
  maxabs: fc.record({ clip: fc.boolean() }),
  robust: fc.record({
    with_centering: fc.boolean(),
    with_scaling: fc.boolean(),
    unit_variance: fc.boolean(),
    quantile_range: pick([25, 75], [10, 90], [5, 60]),
  }),
  quantile: fc.record({
    n_quantiles: pick(2, 5, 1000),
    output_distribution: pick('uniform', 'normal'),
    quantile_method: pick('linear', 'averaged_inverted_cdf'),
  }),
  power: fc.record({ power_method: pick('yeo-johnson', 'box-cox'), standardize: fc.boolean() }),
  affine: fc.oneof(
    fc.record({ rescale: pick(1, 0.5), mean: pick(0, 3), std: pick(1, 0.25) }),
    fc.constant({ preset: 'unit-pixel' }),
  ),
  log: fc.oneof(
    fc.record({ kind: pick('log1p', 'log'), offset: pick(321, 400), base: pick<number | string>('e', 2, 10) }),
    fc.record({ kind: pick('symlog', 'asinh'), offset: pick(0, -3) }),
    fc.record({ kind: fc.constant('asinh'), scale: pick(0.5, 20) }),
  ),
  whiten: fc.record({ kind: pick('zca', 'pca', 'cholesky'), epsilon: pick(1e-5, 0.5) }),
  clip: fc.oneof(
    fc.record({ quantile_range: pick([0, 100], [5, 80]) }),
    fc.record({ range: pick([-1, 1], [null, 3], [-2, null]) }),
  ),
};

/** What a method needs beside its defaults to take any number. */
const anyNumber: Record<string, Options> = { log: { kind: 'symlog' } };

/** A power is found by a search, and needs some positive values that are not alike; quantiles take them just as well. */
const needsMany = new Set(['power']);

/** How far a value may be off after both ways, against the largest one. */
const tolerance: Record<string, number> = { float16: 1e-2, float32: 1e-5, float64: 1e-11 };

/** Methods whose inverse stretches what rounding did. */
const steep: Record<string, number> = { quantile: 1e-6, power: 1e-6, log: 1e-9, whiten: 1e-9 };

/** Methods that look at all features of a sample together: axis 0 is reduced, and a NaN spreads through its sample. */
const joint = new Set(methods.filter(({ scope }) => scope.startsWith('dataset:')).map(({ method }) => method));

function batches(method: string): fc.Arbitrary<Batch> {
  const many = needsMany.has(method);
  const lengths = fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 4 });
  const shapes = many ? fc.tuple(fc.integer({ min: 12, max: 20 }), fc.integer({ min: 1, max: 3 })) : lengths;
  const cell = many ? fc.integer({ min: 8, max: 320 }) : fc.integer({ min: -320, max: 320 }).filter((k) => k !== 0);
  return shapes.chain((shape) => {
    const rank = shape.length;
    const axes = fc.uniqueArray(fc.nat(rank - 1), { minLength: 1 });
    const overSamples = axes.map((some): Axis => [0, ...some.filter((axis) => axis !== 0)]);
    const any = fc.oneof(pick<Axis>(null, -1, 0), axes);
    const axis = many ? pick<Axis>(0, null) : joint.has(method) ? overSamples : any;
    const values = fc.uniqueArray(cell, { minLength: countOf(shape), maxLength: countOf(shape) });
    return fc.record({ shape: fc.constant([...shape]), axis, values: values.map((all) => all.map((k) => k / 8)) });
  });
}

const cases = (method: string) => fc.tuple(batches(method), optionsOf[method] ?? fc.constant({}));

/** An array as it goes into a body, bit by bit. */
function base64(dtype: Dtype, shape: number[], values: readonly number[]) {
  return { dtype, shape, base64: bytesOf(dtype, values).toString('base64') };
}

function valuesOf(data: { dtype: Dtype; base64: string }): number[] {
  return elementsOf(data.dtype, Buffer.from(data.base64, 'base64'));
}

async function call(path: string, body: unknown) {
  const answer = await service.post(path, body);
  assert.equal(answer.status, 200, `${path} ${JSON.stringify(body).slice(0, 600)}\n${JSON.stringify(answer.body)}`);
  return answer.body;
}

function close(got: readonly number[], expected: readonly number[], allowed: number): void {
  assert.equal(got.length, expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  got.forEach((value, at) => {
    const off = Math.abs(value - expected[at]);
    assert.ok(off <= allowed * largest, `at ${at}: ${value}, expected ${expected[at]}: ${off / largest} off`);
  });
}

/** The same members in another order, all the way down. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reordered(member)]),
  );
}

for (const { method, scope, invertible } of methods) {
  describe(method, () => {
    const dtypes: Dtype[] = method in steep ? ['float64'] : ['float64', 'float32', 'float16'];

    const takesBack = async () => {
      await fc.assert(
        fc.asyncProperty(cases(method), pick(...dtypes), async ([{ shape, axis, values }, options], dtype) => {
          const data = base64(dtype, shape, values);
          const forward = await call('/v1/normalize', { normalizer: { method, axis, ...options }, data });
          const back = await call('/v1/inverse-transform', { fitted: forward.fitted, data: forward.data });
          assert.deepEqual([back.data.dtype, back.data.shape], [dtype, shape]);
          close(valuesOf(back.data), values, steep[method] ?? tolerance[dtype]);
        }),
        { numRuns: 25 },
      );
    };
    // A method that says that it is not invertible gives nothing back.
    if (invertible) test('is taken back by inverse-transform', takesBack);

    test('gives the same bits in one call and in two, by way of a kept document', async () => {
      const dtype = pick<Dtype>('float64', 'float32', 'int16');
      await fc.assert(
        fc.asyncProperty(cases(method), dtype, async ([{ shape, axis, values }, options], type) => {
          const data = base64(type, shape, type === 'int16' ? values.map((value) => value * 8) : values);
          const normalizer = { method, axis, ...options };
          const once = await call('/v1/normalize', { normalizer, data });
          const { fitted } = await call('/v1/fit', { normalizer, data });
          assert.deepEqual(fitted, once.fitted);
          const kept = reordered(JSON.parse(JSON.stringify(fitted, null, 2)));
          const { data: twice, statistics } = await call('/v1/transform', { fitted: kept, data });
          assert.deepEqual(twice, once.data);
          assert.deepEqual(statistics, once.statistics);
        }),
        { numRuns: 20 },
      );
    });

    const transposes = async () => {
      const permuted = cases(method).chain(([batch, options]) => {
        const axes = Array.from(batch.shape.keys());
        return fc.record({
          batch: fc.constant(batch),
          options: fc.constant(options),
          order: fc.shuffledSubarray(axes, { minLength: axes.length }),
        });
      });
      await fc.assert(
        fc.asyncProperty(permuted, async ({ batch: { shape, axis, values }, options, order }) => {
          const plain = await call('/v1/normalize', {
            normalizer: { method, axis, ...options },
            data: base64('float64', shape, values),
          });
          const moved = {
            shape: order.map((at) => shape[at]),
            values: transposed(values, shape, order),
            axis: movedAxis(axis, order),
          };
          const other = await call('/v1/normalize', {
            normalizer: { method, axis: moved.axis, ...options },
            data: base64('float64', moved.shape, moved.values),
          });
          const allowed = method === 'power' ? 1e-5 : 1e-12;
          close(valuesOf(other.data), transposed(valuesOf(plain.data), shape, order), allowed);
        }),
        { numRuns: 15 },
      );
    };
    // Whitening needs the samples first, and gives components their place.
    if (!scope.startsWith('dataset:')) test('of the transposed data is the transposed result', transposes);

    test('means the same in the three forms of JSON, and answers in the form that came', async () => {
      await fc.assert(
        fc.asyncProperty(cases(method), async ([{ shape, axis, values }, options]) => {
          const normalizer = { method, axis, ...options };
          const ask = async (data: unknown) => {
            const there = await call('/v1/normalize', { normalizer, data });
            const back = await call('/v1/inverse-transform', { fitted: there.fitted, data: there.data });
            return { ...there, back: back.data };
          };
          const bytes = await ask(base64('float64', shape, values));
          const flat = await ask({ dtype: 'float64', shape, data: values });
          const lists = await ask(nested(values, shape));
          for (const side of ['data', 'back'] as const) {
            const numbers = valuesOf(bytes[side]);
            assert.deepEqual(flat[side], { dtype: 'float64', shape, data: numbers });
            assert.deepEqual(lists[side], nested(numbers, shape));
          }
          for (const other of [flat, lists]) {
            assert.deepEqual(other.fitted, bytes.fitted);
            assert.deepEqual(other.statistics, bytes.statistics);
            assert.deepEqual(other.warnings, bytes.warnings);
          }
        }),
        { numRuns: 8 },
      );
    });

    test('takes a batch of another size under dataset scope, and the same one gives the same', async () => {
      const values = Array.from({ length: 40 }, (_, at) => 1 + ((at * 7) % 41) / 8);
      const { fitted } = await call('/v1/fit', { normalizer: { method, axis: 0 }, data: nested(values, [20, 2]) });
      assert.equal(fitted.scope, 'dataset');
      const whole = await call('/v1/transform', { fitted, data: nested(values, [20, 2]) });
      const part = await call('/v1/transform', { fitted, data: nested(values.slice(6, 20), [7, 2]) });
      assert.deepEqual(part.data, whole.data.slice(3, 10));
    });

    test('gives floats in their own dtype, integers as float64, and what output_dtype names', async () => {
      const values = Array.from({ length: 24 }, (_, at) => 1 + ((at * 5) % 24) / 8);
      for (const [dtype, output] of [
        ['float16', undefined],
        ['float32', undefined],
        ['uint8', undefined],
        ['float32', 'float16'],
        ['int8', 'float32'],
      ] as const) {
        const numbers = dtype.startsWith('float') ? values : values.map((value) => value * 8);
        const { data } = await call('/v1/normalize', {
          normalizer: { method, axis: 0 },
          data: { dtype, shape: [12, 2], data: numbers },
          ...(output ? { output_dtype: output } : {}),
        });
        assert.equal(data.dtype, output ?? (dtype.startsWith('float') ? dtype : 'float64'));
        const rounded = elementsOf(data.dtype, bytesOf(data.dtype, data.data));
        if (data.dtype === 'float64') assert.deepEqual(rounded, data.data);
        else close(data.data, rounded, 1e-7);
      }
    });
  });
}

/** Elements of an array whose axes are put in another order. */
function transposed(values: readonly number[], shape: readonly number[], order: readonly number[]): number[] {
  const moved = order.map((axis) => shape[axis]);
  return Array.from({ length: values.length }, (_, flat) => {
    const index = new Array<number>(shape.length);
    let rest = flat;
    for (let at = order.length - 1; at >= 0; at--) {
      index[order[at]] = rest % moved[at];
      rest = Math.floor(rest / moved[at]);
    }
    return values[index.reduce((at, one, axis) => at * shape[axis] + one, 0)];
  });
}

function movedAxis(axis: Axis, order: readonly number[]): Axis {
  if (axis === null) return null;
  return [axis].flat().map((one) => order.indexOf(one < 0 ? one + order.length : one));
}

function nested(values: readonly number[], shape: readonly number[]): unknown {
  if (shape.length === 0) return values[0];
  const step = countOf(shape.slice(1));
  return Array.from({ length: shape[0] }, (_, at) => nested(values.slice(at * step, (at + 1) * step), shape.slice(1)));
}

test('(3, 5) and (6, 10) become the same under a norm, and come back apart', async () => {
  const data = [
    [3, 5],
    [6, 10],
  ];
  for (const order of [2, 1, 3, 0.5, -1, -2, 'inf', '-inf']) {
    const there = await call('/v1/normalize', { normalizer: { method: 'norm', order }, data });
    close(there.data[0], there.data[1], 1e-15);
    const back = await call('/v1/inverse-transform', { fitted: there.fitted, data: there.data });
    close(back.data.flat(), data.flat(), 1e-15);
    const { norms } = there.fitted.parameters;
    close([norms[1]], [2 * norms[0]], 1e-15);
  }
});

test('the sign of zero is kept in every form, in one call and in two', async () => {
  const zeros = [-0, 0, -0, 1];
  for (const method of ['minmax', 'maxabs', 'norm']) {
    const normalizer = { method, axis: 0 };
    const once = await call('/v1/normalize', { normalizer, data: base64('float64', [4], zeros) });
    const twice = await call('/v1/transform', { fitted: once.fitted, data: base64('float64', [4], zeros) });
    assert.deepEqual(valuesOf(twice.data), valuesOf(once.data), method);
    const flat = '{"dtype":"float64","shape":[4],"data":[-0,0,-0,1]}';
    const body = Buffer.from(`{"normalizer":${JSON.stringify(normalizer)},"data":${flat}}`);
    const answer = await service.post('/v1/normalize', body, { 'content-type': 'application/json' });
    assert.deepEqual(answer.body.data.data, valuesOf(once.data), method);
  }
});

test('a slice that is constant, and one of a single value, come back too', async () => {
  const data = [
    [7, 0, -2],
    [7, 0, 4],
  ];
  for (const { method } of methods.filter(({ invertible }) => invertible)) {
    for (const rows of [data, data.slice(1)]) {
      const there = await call('/v1/normalize', { normalizer: { method, axis: 0, ...anyNumber[method] }, data: rows });
      const back = await call('/v1/inverse-transform', { fitted: there.fitted, data: there.data });
      close(back.data.flat(), rows.flat(), 1e-6);
    }
  }
});

test('NaN that is omitted comes back as NaN, and the rest comes back', async () => {
  const column = Array.from({ length: 15 }, (_, at) => 1 + ((at * 4) % 15));
  const data = column.map((value, at) => [at % 5 === 2 ? null : value, value + 0.5]);
  for (const { method } of methods.filter(({ invertible, method }) => invertible && !joint.has(method))) {
    const there = await call('/v1/normalize', { normalizer: { method, axis: 0, nan_policy: 'omit' }, data });
    const back = await call('/v1/inverse-transform', { fitted: there.fitted, data: there.data });
    back.data.forEach((row: unknown[], at: number) => {
      assert.deepEqual(
        row.map((cell) => cell === null),
        data[at].map((cell) => cell === null),
        method,
      );
    });
    close(back.data.flat().map(Number), data.flat().map(Number), 1e-6);
  }
});

test('columns are normalized alone, and come back among the others', async () => {
  const data = Array.from({ length: 15 }, (_, at) => [at + 1, ((at * 4) % 15) + 1, -at, ((at * 7) % 15) + 2]);
  for (const { method, invertible } of methods) {
    const normalizer = { method, axis: 0, columns: [3, 1], ...anyNumber[method] };
    const there = await call('/v1/normalize', { normalizer, data });
    const alone = await call('/v1/normalize', {
      normalizer: { method, axis: 0, ...anyNumber[method] },
      data: data.map((row) => [row[3], row[1]]),
    });
    there.data.forEach((row: number[], at: number) => {
      assert.deepEqual(
        [row[0], row[2]],
        [data[at][0], data[at][2]].map((value) => value || 0),
        method,
      );
      assert.deepEqual([row[3], row[1]], alone.data[at], method);
    });
    assert.deepEqual(there.fitted.parameters, alone.fitted.parameters, method);
    if (!invertible) continue;
    const back = await call('/v1/inverse-transform', { fitted: there.fitted, data: there.data });
    close(back.data.flat(), data.flat(), 1e-6);
  }
});
