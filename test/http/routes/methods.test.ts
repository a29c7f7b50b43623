/** What GET /v1/methods tells is what the calls do. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startService } from '../../service.ts';

interface Method {
  method: string;
  formula: string;
  options: {
    type: string;
    properties: Record<string, { default?: unknown }>;
    required: string[];
    additionalProperties: boolean;
  };
  parameters: string[];
  example: { method: string };
  scope: string;
  invertible: boolean;
  mergeable: boolean;
  streamable: boolean;
  takes_sample_weight: boolean;
  keeps: string[];
  loses: string[];
  when_to_use: string;
}

const service = await startService();
after(() => service.close());

const { methods } = (await (await fetch(`${service.url}/v1/methods`)).json()) as { methods: Method[] };

const common = { nan_policy: 'raise', on_constant: 'one' };

/** The options and defaults that a method has, as its users know them. */
const known: Record<string, Record<string, unknown>> = {
  minmax: { axis: 0, feature_range: [0, 1], clip: false },
  zscore: { axis: 0, with_mean: true, with_std: true, ddof: 0, epsilon: 0, clip: null },
  norm: { axis: -1, order: 2, epsilon: 0 },
  maxabs: { axis: 0, clip: false },
  mean_range: { axis: 0 },
  robust: { axis: 0, with_centering: true, with_scaling: true, quantile_range: [25, 75], unit_variance: false },
  quantile: { axis: 0, n_quantiles: 1000, output_distribution: 'uniform', quantile_method: 'linear' },
  power: { axis: 0, power_method: 'yeo-johnson', standardize: true },
  log: { axis: 0, kind: 'log1p', offset: 0, base: 'e', scale: 1 },
  passthrough: { axis: 0 },
  whiten: { axis: 0, kind: 'zca', epsilon: 1e-5 },
};

/** Options without a default. */
const without: Record<string, string[]> = { whiten: ['n_components'] };

const data = Array.from({ length: 15 }, (_, at) => [1 + ((at * 4) % 15), 1 + ((at * 7) % 15)]);

const madeOfOthers = ['column_transformer', 'grouped', 'pipeline'];

/** A table that has the columns of all examples. */
const table = data.map(([age, amount], at) => {
  return { device_id: `d${at % 3}`, age, tenure: at, amount, debug: at % 2 };
});

test('minmax, zscore and norm are there, each once', () => {
  const names = methods.map(({ method }) => method);
  for (const name of ['minmax', 'zscore', 'norm']) assert.ok(names.includes(name));
  assert.equal(new Set(names).size, names.length);
});

test('a method that is not there is a 404 that names those that are', async () => {
  for (const name of ['nothing', 'MinMax', 'norm%20', '__proto__', 'constructor', 'a'.repeat(99)]) {
    const response = await fetch(`${service.url}/v1/methods/${name}`);
    assert.equal(response.status, 404, name);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, name);
    const { code, detail } = (await response.json()) as { code: string; detail: string };
    assert.equal(code, 'not_found');
    assert.match(detail, /minmax.*zscore/);
    assert.ok(detail.length < 1000);
  }
});

for (const told of methods) {
  const { method, options, parameters } = told;
  describe(method, () => {
    test('is the same alone as in the list, and explains itself', async () => {
      const alone = await fetch(`${service.url}/v1/methods/${method}`);
      assert.equal(alone.status, 200);
      assert.deepEqual(await alone.json(), told);
      for (const text of [told.formula, told.scope, told.when_to_use, ...told.keeps, ...told.loses])
        assert.ok(text.length > 3);
      assert.ok(told.keeps.length > 0 && told.loses.length > 0);
    });

    test('shows an example that is fitted on a table', async () => {
      const fit = await service.post('/v1/normalize', { normalizer: told.example, data: table });
      assert.equal(fit.status, 200, JSON.stringify(fit.body).slice(0, 300));
      assert.equal(fit.body.fitted.normalizer.method, method);
    });

    // What these learn, and how far, is what their parts do.
    if (madeOfOthers.includes(method)) return;

    test('has its options as a schema that takes no others, and the defaults that it says', async () => {
      assert.deepEqual([options.type, options.required, options.additionalProperties], ['object', ['method'], false]);
      const answer = await service.post('/v1/fit', { normalizer: { method }, data });
      assert.equal(answer.status, 200);
      const { normalizer } = answer.body.fitted;
      for (const [name, { default: preset }] of Object.entries(options.properties)) {
        if (preset !== undefined) assert.deepEqual(normalizer[name], preset, name);
      }
      const wanted: Record<string, unknown> = { ...known[method], ...common };
      for (const [name, preset] of Object.entries(wanted)) assert.deepEqual(normalizer[name], preset, name);
      if (method in known) {
        const names = ['method', 'columns', 'clip', 'fill', ...(without[method] ?? []), ...Object.keys(wanted)];
        assert.deepEqual(new Set(Object.keys(options.properties)), new Set(names));
      }
      const unknown = await service.post('/v1/fit', { normalizer: { method, nothing: 1 }, data });
      assert.deepEqual([unknown.status, unknown.body.errors[0].pointer], [400, '/normalizer/nothing']);
    });

    test('learns the parameters that it says, of the shape that is kept', async () => {
      const { fitted } = (await service.post('/v1/fit', { normalizer: { method, axis: 0 }, data })).body;
      assert.deepEqual(Object.keys(fitted.parameters).sort(), parameters.toSorted());
      assert.deepEqual(fitted.input, { dtype: 'float64', shape: [null, 2] });
      assert.equal(fitted.scope, 'dataset');
      for (const name of ['invertible', 'mergeable'] as const) assert.equal(fitted[name], told[name], name);
      const alongFirst = ['quantiles', 'references', 'components', 'variances'];
      for (const [name, values] of Object.entries(fitted.parameters)) {
        if (!alongFirst.includes(name)) assert.equal((values as unknown[]).length, 2, name);
      }
    });

    test('takes weights or says that it does not', async () => {
      const sample_weight = data.map((_, at) => 1 + (at % 3));
      const { status, body } = await service.post('/v1/fit', { normalizer: { method }, data, sample_weight });
      if (told.takes_sample_weight) assert.deepEqual([status, body.fitted?.n_samples_seen], [200, 30]);
      else assert.deepEqual([status, body.errors[0].pointer], [400, '/sample_weight']);
    });

    test('belongs to the samples when axis 0 is not reduced, or refuses that', async () => {
      if (told.scope.startsWith('dataset:')) {
        const refused = await service.post('/v1/fit', { normalizer: { method, axis: 1 }, data });
        assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/normalizer/axis']);
        return;
      }
      const { fitted } = (await service.post('/v1/fit', { normalizer: { method, axis: 1 }, data })).body;
      assert.deepEqual([fitted.scope, fitted.mergeable], ['sample', false]);
      const other = await service.post('/v1/transform', { fitted, data: data.slice(2, 5) });
      assert.equal(other.status, 200, JSON.stringify(other.body));
      const alone = await service.post('/v1/normalize', { normalizer: { method, axis: 1 }, data: data.slice(2, 5) });
      assert.deepEqual(other.body.data, alone.body.data);
      assert.deepEqual(other.body.fitted, alone.body.fitted);
      if (!told.invertible) return;
      const misfit = await service.post('/v1/inverse-transform', { fitted, data: data.slice(2, 5) });
      assert.deepEqual([misfit.status, misfit.body.code], [422, 'shape_mismatch']);
    });
  });
}
