/** Every exportable method, option, axis and dtype: models in onnxruntime against what the service computes. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Problem } from '#errors.ts';
import type { Method } from '#normalizers/method.ts';
import { methods } from '#normalizers/registry.ts';
import { type ArrayDtype, arrayTypes } from '#tensor/dtype.ts';
import { python, withoutModule } from '../python.ts';
import { compareBoth, compared, mixed, positive } from './compare-onnx.ts';
import { anyNumber, variantsOf } from './variants.ts';

/** What ONNX has no operators for. */
const beyondOnnx = ({ output_distribution }: Record<string, unknown>) => output_distribution === 'normal';

const inputs = [
  [positive, 'float64'],
  [mixed, 'float64'],
  [positive, 'float32'],
] as const;

/** The default axis, and 0 where that is another. */
function axesOf(method: Method, options: Record<string, unknown>): object[] {
  const parsed = method.schema.parse(options);
  return parsed.axis === 0 ? [options] : [options, { ...options, axis: 0 }];
}

const log = { method: 'log' };
const madeOfOthers: object[] = [
  { method: 'pipeline', steps: [log, { method: 'zscore' }, { method: 'minmax' }] },
  { method: 'pipeline', columns: [2, 0], steps: [log, { method: 'robust' }] },
  {
    method: 'column_transformer',
    transformers: [
      { columns: [2, 0], normalizer: { method: 'pipeline', steps: [log, { method: 'power' }] } },
      { columns: [1], normalizer: 'drop' },
      { columns: [3], normalizer: { method: 'maxabs' } },
    ],
  },
  {
    method: 'column_transformer',
    transformers: [
      { columns: [1, 2, 3], normalizer: { method: 'whiten', kind: 'pca', n_components: 2 } },
      { columns: [4], normalizer: { method: 'zscore' } },
    ],
  },
];

test('normalizers made of others: what they compute, and the way back', async () => {
  for (const normalizer of madeOfOthers)
    for (const dtype of ['float64', 'float32'] as const) await compareBoth(normalizer, [14, 5], positive, dtype);
});

for (const method of methods.filter(({ composition }) => !composition)) {
  test(`${method.name}: every option, in float64 and float32`, async () => {
    for (const variant of variantsOf(method)) {
      let exported = 0;
      for (const [values, dtype] of inputs) {
        for (const normalizer of axesOf(method, variant)) {
          try {
            await compareBoth(normalizer, [14, 3], values, dtype);
            exported++;
          } catch (error) {
            const codes = ['not_exportable', 'not_computable', 'shape_mismatch'];
            if (!(error instanceof Problem && codes.includes(error.code))) throw error;
          }
        }
      }
      assert.equal(exported > 0, !beyondOnnx(variant), JSON.stringify(variant));
    }
  });

  test(`${method.name}: every dtype of the input`, async () => {
    for (const dtype of Object.keys(arrayTypes) as ArrayDtype[])
      await compareBoth({ method: method.name, axis: 0 }, [9, 3], positive, dtype);
  });

  const axes: [axis: unknown, shape: number[], columns: number[]][] = [
    [0, [9], [4]],
    [0, [9, 4], [3, 1]],
    [[0, 1], [6, 4], [0]],
    [null, [6, 4], [1, 3]],
    [[0, 1, 2], [2, 3, 4, 3], [2]],
    [
      [0, 2, 3],
      [2, 3, 4, 3],
      [1, 0],
    ],
    [
      [0, -2],
      [4, 3, 1, 5],
      [0, 2, 4],
    ],
    [0, [5, 2, 3], [1]],
    [null, [3, 2, 2, 2, 2, 2, 1, 2], [1]],
  ];
  test(`${method.name}: any axes, and columns`, async () => {
    for (const [axis, shape, columns] of axes) {
      await compareBoth({ method: method.name, axis, ...anyNumber[method.name] }, shape, mixed, 'float64');
      await compareBoth({ method: method.name, axis, columns, ...anyNumber[method.name] }, shape, mixed, 'float64');
    }
  });
}

const checker = `
import pathlib, sys, onnx
for file in pathlib.Path(sys.argv[1]).iterdir():
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    assert model.doc_string and {one.key for one in model.metadata_props} == {"normalizer", "operation"}, file
`;

test("the models pass ONNX's own checker and its strict inference of types and shapes", {
  skip: withoutModule('onnx', 'python3-onnx'),
}, async () => {
  assert.ok(compared.size > 100);
  const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
  try {
    let at = 0;
    for (const model of compared.values()) writeFileSync(join(folder, `${at++}.onnx`), model);
    await promisify(execFile)(python, ['-c', checker, folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
