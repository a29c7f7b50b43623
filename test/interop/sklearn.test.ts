/** Estimators fitted by scikit-learn are served here, and those fitted here are rebuilt there: both compute the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Problem } from '#errors.ts';
import { toSklearn } from '#interop/sklearn/export.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { Method } from '#normalizers/method.ts';
import { methods } from '#normalizers/registry.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { fittedFromSklearn, SklearnEstimator } from '#interop/sklearn/import.ts';
import { nestedList } from '#formats/json/format-tensor.ts';
import { carriedOut, float64 } from '../run-call.ts';
import { difference } from '../closeness.ts';
import { python, withoutModule } from '../python.ts';
import { fit, mixed, positive } from './compare-onnx.ts';
import { variantsOf } from './variants.ts';

type Rows = (number | null)[][];

interface Case {
  estimator: { class: string; params: object; attributes: Record<string, unknown> };
  data: Rows;
  transform: Rows;
  inverse?: Rows;
}

const script = new URL('../fixtures/estimators.py', import.meta.url).pathname;

/** What both sides compute in float64; power's formula is written otherwise there. */
const tolerance = 1e-12;

const skip = withoutModule('sklearn', 'python3-sklearn');

function runPython(args: string[], input = ''): any {
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

function tensorOf(rows: Rows) {
  return float64(
    [rows.length, rows[0].length],
    rows.flat().map((cell) => cell ?? Number.NaN),
  );
}

async function compute(operation: 'transform' | 'inverse-transform', fitted: Fitted, rows: Rows): Promise<unknown> {
  const { data } = await carriedOut({ operation, fitted }, tensorOf(rows));
  return nestedList(data, [rows.length, data.length / rows.length]);
}

async function checkImport({ estimator, data, transform, inverse }: Case): Promise<void> {
  const fitted = fittedFromSklearn(SklearnEstimator.parse(estimator));
  const name = `${estimator.class} ${JSON.stringify(estimator.params)}`;
  assert.equal(difference(await compute('transform', fitted, data), transform, tolerance), undefined, name);
  if (inverse)
    assert.equal(
      difference(await compute('inverse-transform', fitted, transform), inverse, tolerance),
      undefined,
      name,
    );
}

/** The document again, out of what was made of it. */
function checkRoundTrip({ estimator }: Case): void {
  const back = JSON.parse(toSklearn(fittedFromSklearn(SklearnEstimator.parse(estimator))));
  const given = estimator.attributes;
  assert.equal(back.class, estimator.class);
  for (const [name, value] of Object.entries(back.params)) {
    const was = (estimator.params as any)[name];
    // A transformer without an inverse gets the one that its function has.
    if (name !== 'inverse_func' || was !== null) assert.deepEqual(value, was, name);
  }
  for (const [name, value] of Object.entries(back.attributes)) {
    if (name !== '_scaler') assert.deepEqual(value, given[name], name);
  }
  assert.deepEqual(
    fittedFromSklearn(SklearnEstimator.parse(back)),
    fittedFromSklearn(SklearnEstimator.parse(estimator)),
  );
}

const recorded = {
  cases: ['estimators.json', 'estimators-more.json'].flatMap(
    (name) =>
      (JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')) as { cases: Case[] }).cases,
  ),
};

test('recorded estimators of scikit-learn compute here what they compute there', async () => {
  for (const one of recorded.cases) await checkImport(one);
});

test('an imported estimator is exported as it came', () => {
  for (const one of recorded.cases) checkRoundTrip(one);
});

test('every class that a method names is among the recorded ones', () => {
  const seen = new Set(recorded.cases.map(({ estimator }) => estimator.class));
  for (const { sklearn } of methods) assert.ok(!sklearn || seen.has(sklearn.class), sklearn?.class);
});

test('estimators fitted by the scikit-learn of this machine compute here what they compute there', {
  skip,
}, async () => {
  const { cases } = runPython([]) as { cases: Case[] };
  assert.ok(cases.length > 40);
  for (const one of cases) await checkImport(one);
});

/** Fitted here in every way that scikit-learn has, with NaN where it takes that. */
async function fittedHere(method: Method): Promise<Fitted[]> {
  const documents: Fitted[] = [];
  // A single landmark is both ends to the normal there: what is above is not told from what is below.
  const variants = variantsOf(method).filter((one) => one.n_quantiles !== 1 || one.output_distribution !== 'normal');
  for (const variant of variants) {
    for (const [values, nan_policy] of [
      [positive, 'omit'],
      [mixed, 'raise'],
    ] as const) {
      const holes = nan_policy === 'omit' && method.sklearn?.nanPolicy === 'omit';
      const data = values([25, 3], 1).map((value, at) => (holes && at % 11 === 4 ? Number.NaN : value));
      try {
        documents.push(await fit({ ...variant, nan_policy }, float64([25, 3], data)));
      } catch (error) {
        if (!(error instanceof Problem && error.code === 'not_computable')) throw error;
      }
    }
  }
  return documents;
}

test('what is fitted here is rebuilt there by its snippet, and computes the same', { skip }, async () => {
  const data = nestedList(positive([6, 3], 2), [6, 3]) as Rows;
  const exported: { fitted: Fitted; snippet: string }[] = [];
  for (const method of methods.filter(({ sklearn }) => sklearn)) {
    const before = exported.length;
    for (const fitted of await fittedHere(method)) {
      try {
        exported.push({ fitted, snippet: JSON.parse(toSklearn(fitted)).snippet });
      } catch (error) {
        if (!(error instanceof Problem && error.code === 'not_exportable')) throw error;
      }
    }
    assert.ok(exported.length > before, method.name);
  }
  const results = runPython(['rebuild'], JSON.stringify(exported.map(({ snippet }) => ({ snippet, data }))));
  for (const [at, { fitted, snippet }] of exported.entries()) {
    const { transform, inverse, unknown } = results[at];
    if (unknown) {
      const recent = Object.entries(methodOf(fitted.normalizer).sklearn?.params ?? {}).filter(
        ([, argument]) => argument.recent,
      );
      assert.ok(
        recent.some(([name]) => unknown.includes(`'${name}'`)),
        unknown,
      );
      continue;
    }
    assert.equal(difference(await compute('transform', fitted, data), transform, tolerance), undefined, snippet);
    if (inverse)
      assert.equal(
        difference(await compute('inverse-transform', fitted, transform), inverse, tolerance),
        undefined,
        snippet,
      );
  }
});

test('what scikit-learn has no class for is told, with the option that is in the way', async () => {
  const refused: [object, number[], string][] = [
    [{ method: 'mean_range' }, [4, 3], '/normalizer/method'],
    [{ method: 'affine' }, [4, 3], '/normalizer/method'],
    [{ method: 'zscore', axis: 1 }, [4, 3], '/normalizer/axis'],
    [{ method: 'zscore', axis: null }, [4, 3], '/normalizer/axis'],
    [{ method: 'minmax' }, [12], '/normalizer/axis'],
    [{ method: 'minmax' }, [2, 2, 3], '/normalizer/axis'],
    [{ method: 'norm', axis: 0 }, [4, 3], '/normalizer/axis'],
    [{ method: 'zscore', clip: [0, 1] }, [4, 3], '/normalizer/clip'],
    [{ method: 'minmax', clip: [0, null] }, [4, 3], '/normalizer/clip'],
    [{ method: 'maxabs', fill: 0 }, [4, 3], '/normalizer/fill'],
    [{ method: 'clip' }, [4, 3], '/normalizer/method'],
    [{ method: 'log', offset: 1 }, [4, 3], '/normalizer/offset'],
    [{ method: 'log', kind: 'symlog' }, [4, 3], '/normalizer/kind'],
    [{ method: 'whiten' }, [4, 3], '/normalizer/kind'],
    [{ method: 'norm', order: 3 }, [4, 3], '/normalizer/order'],
    [{ method: 'norm', epsilon: 0.5 }, [4, 3], '/normalizer/epsilon'],
  ];
  for (const [normalizer, shape, pointer] of refused) {
    const fitted = await fit(normalizer, float64(shape, positive(shape, 1)));
    assert.throws(() => toSklearn(fitted), isProblem('not_exportable', pointer), JSON.stringify(normalizer));
  }
});

test('what is no fitted estimator is told, with its place', () => {
  const minmax = { data_min_: [1], data_max_: [2], data_range_: [1], scale_: [1], min_: [-1] };
  const standard = { mean_: [1, 2], var_: [4, 9], scale_: [2, 3] };
  const quantiles = {
    quantiles_: [
      [1, 2],
      [2, 3],
      [3, 4],
    ],
    references_: [0, 0.5, 1],
  };
  const refused: [object, string][] = [
    [{ class: 'StandardScaler' }, '/attributes/mean_'],
    [{ class: 'StandardScaler', attributes: { ...standard, scale_: [2] } }, '/attributes/scale_'],
    [{ class: 'StandardScaler', attributes: { ...standard, scale_: [2, 0] } }, '/attributes/scale_'],
    [{ class: 'StandardScaler', attributes: { ...standard, mean_: [1, 'x'] } }, '/attributes/mean_/1'],
    [{ class: 'StandardScaler', attributes: { ...standard, mean_: null } }, '/attributes/mean_'],
    [{ class: 'StandardScaler', attributes: { ...standard, mean_: 3 } }, '/attributes/mean_'],
    [{ class: 'StandardScaler', attributes: { ...standard, n_features_in_: 3 } }, '/attributes/n_features_in_'],
    [{ class: 'StandardScaler', attributes: { ...standard, n_samples_seen_: 'x' } }, '/attributes/n_samples_seen_'],
    [{ class: 'StandardScaler', attributes: { ...standard, n_samples_seen_: [1] } }, '/attributes/n_samples_seen_'],
    [{ class: 'StandardScaler', params: { with_mean: 1 }, attributes: standard }, '/params/with_mean'],
    [{ class: 'StandardScaler', params: { ddof: 1 }, attributes: standard }, '/params/ddof'],
    [{ class: 'StandardScaler', params: { 'a/b~': 1 }, attributes: standard }, '/params/a~1b~0'],
    [{ class: 'StandardScaler', attributes: { ...standard, mean_: [] } }, '/attributes/mean_'],
    [{ class: 'StandardScaler', params: { constructor: 1 }, attributes: standard }, '/params/constructor'],
    [
      { class: 'StandardScaler', params: { with_mean: false, with_std: false }, attributes: { n_features_in_: 1e12 } },
      '/attributes/n_features_in_',
    ],
    [{ class: 'PCA', attributes: {} }, '/params/whiten'],
    [{ class: 'PCA', params: { whiten: false }, attributes: {} }, '/params/whiten'],
    [{ class: 'FunctionTransformer', attributes: { n_features_in_: 2 } }, '/params/func'],
    [{ class: 'FunctionTransformer', params: { func: 'sin' }, attributes: { n_features_in_: 2 } }, '/params/func'],
    [{ class: 'FunctionTransformer', params: { func: 'np.log', inverse_func: 'expm1' } }, '/params/inverse_func'],
    [{ class: 'MinMaxScaler', attributes: { ...minmax, scale_: [2] } }, '/attributes/scale_/0'],
    [{ class: 'MinMaxScaler', attributes: { ...minmax, min_: [0] } }, '/attributes/min_/0'],
    [{ class: 'MinMaxScaler', attributes: { ...minmax, data_max_: [0] } }, '/attributes/data_max_'],
    [{ class: 'MinMaxScaler', params: { feature_range: [1, 0] }, attributes: minmax }, '/params/feature_range'],
    [{ class: 'QuantileTransformer', attributes: { ...quantiles, quantiles_: [1, 2, 3] } }, '/attributes/quantiles_'],
    [{ class: 'QuantileTransformer', attributes: { ...quantiles, references_: [0, 1] } }, '/attributes/references_'],
    [
      { class: 'QuantileTransformer', attributes: { ...quantiles, references_: [0, 1, 0.5] } },
      '/attributes/references_',
    ],
    [{ class: 'QuantileTransformer', params: { n_quantiles: 1e6 }, attributes: quantiles }, '/params/n_quantiles'],
    [{ class: 'PowerTransformer', attributes: { lambdas_: [1] } }, '/attributes/_scaler'],
    [{ class: 'PowerTransformer', attributes: { lambdas_: [1], _scaler: [1] } }, '/attributes/_scaler'],
    [
      { class: 'PowerTransformer', attributes: { lambdas_: [1], _scaler: { mean_: [1] } } },
      '/attributes/_scaler/scale_',
    ],
    [
      { class: 'PowerTransformer', attributes: { lambdas_: [1], _scaler: { attributes: {} } } },
      '/attributes/_scaler/attributes/mean_',
    ],
    [{ class: 'Normalizer', params: { norm: 'l3' } }, '/params/norm'],
  ];
  for (const [document, pointer] of refused) {
    const read = () => fittedFromSklearn(SklearnEstimator.parse(document), '/sklearn');
    assert.throws(read, isProblem(undefined, `/sklearn${pointer}`), JSON.stringify(document));
  }
});

function isProblem(code: string | undefined, pointer: string) {
  return (error: unknown) => {
    assert.ok(error instanceof Problem, String(error));
    assert.equal(error.errors[0]?.pointer, pointer, error.message);
    if (code) assert.equal(error.code, code);
    assert.ok(error.status < 500);
    return true;
  };
}
