/** The probes against scikit-learn, fold by fold, on the data sets that it ships. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { predictByCentroid } from '#evidence/centroids.ts';
import { conditioningOf } from '#evidence/conditioning.ts';
import { balancedFolds, splitFold, stratifiedFolds } from '#evidence/folds.ts';
import { addGram } from '#evidence/gram.ts';
import { continueLogistic, logisticModel, startLogistic } from '#evidence/logistic.ts';
import { columnMeans, type Matrix } from '#evidence/matrix.ts';
import { averageTargets, findNearest, orderStretches, voteClasses } from '#evidence/nearest-neighbors.ts';
import { aucPerClass, rowNorms } from '#evidence/norms.ts';
import { classTargets, numberTargets, predictLinear, ridgeAlpha, solveRidge } from '#evidence/ridge.ts';
import { accuracy, r2 } from '#evidence/scores.ts';
import { carriedOut, float64 } from '../run-call.ts';
import { withoutModule } from '../python.ts';
import { type DataSet, readDataSets, recorded, type RecordedScaler } from './recorded.ts';

const skip = withoutModule('sklearn', 'python3-sklearn');
const sets = skip ? {} : readDataSets();

/** Newton’s method over 650 parameters takes half a second a fold: two scalers stand for all. */
const fewScalers: Record<string, string[]> = { digits: ['minmax', 'norm'] };

function takeRows({ values, columns }: Matrix, rows: Uint32Array): Float64Array {
  return Float64Array.from([...rows].flatMap((row) => [...values.subarray(row * columns, (row + 1) * columns)]));
}

/** What a normalizer that was fitted on some samples makes of all. */
async function scale(normalizer: object | null, data: DataSet, train: Uint32Array): Promise<Matrix> {
  const { rows, columns, values } = data;
  if (!normalizer) return data;
  const own = float64([train.length, columns], takeRows(data, train));
  const { fitted } = await carriedOut({ operation: 'fit', normalizer, include: ['fitted'] }, own);
  const all = float64([rows, columns], values);
  return { values: (await carriedOut({ operation: 'transform', fitted }, all)).data, rows, columns };
}

function gramOf(x: Matrix, rows: Uint32Array, offset: Float64Array): Float64Array {
  const gram = new Float64Array(x.columns * x.columns);
  addGram(gram, x, rows, offset);
  return gram;
}

function solve(x: Matrix, train: Uint32Array, targets: ReturnType<typeof numberTargets>) {
  const means = columnMeans(x, train);
  return solveRidge(gramOf(x, train, means), means, x, train, targets, ridgeAlpha);
}

/** Every probe in one fold. */
function probe(x: Matrix, labels: Float64Array, classCount: number, train: Uint32Array, tested: Uint32Array) {
  const neighbors = findNearest(x, train, tested, 5, orderStretches(x, train));
  const actual = Float64Array.from(tested, (i) => labels[i]);
  if (classCount === 0) {
    const linear = predictLinear(solve(x, train, numberTargets(labels)), x, tested, false);
    return { knn: r2(averageTargets(neighbors, 5, labels), actual), linear: r2(linear, actual) };
  }
  const right = (predicted: Float64Array) => Math.round(accuracy(predicted, actual) * actual.length);
  const fit = startLogistic(x.columns, classCount);
  continueLogistic(fit, x, train, labels, 100);
  return {
    knn: right(voteClasses(neighbors, 5, labels, classCount)),
    centroid: right(predictByCentroid(x, labels, classCount, train, tested)),
    ridge: right(predictLinear(solve(x, train, classTargets(labels, classCount)), x, tested, true)),
    linear: right(predictLinear(logisticModel(fit, x, train), x, tested, true)),
  };
}

function foldsOf(labels: Float64Array, classCount: number): Uint8Array {
  return classCount === 0 ? balancedFolds(labels, 5) : stratifiedFolds(labels, classCount, 5);
}

for (const [name, { scalers, norm_auc, shape, sum }] of Object.entries(recorded.sets)) {
  describe(name, { skip }, () => {
    const data = sets[name];
    const classCount = norm_auc?.length ?? 0;

    test('is the data set that was recorded', () => {
      assert.deepEqual([data.rows, data.columns], shape);
      assert.ok(Math.abs(data.values.reduce((total, value) => total + value) - sum) <= 1e-9 * Math.abs(sum));
    });

    for (const [scaler, expected] of Object.entries(scalers)) {
      if (fewScalers[name]?.includes(scaler) === false) continue;
      test(`${scaler}: k-NN, centroid, ridge and logistic regression agree with scikit-learn in every fold`, async () => {
        const folds = foldsOf(data.labels, classCount);
        for (let fold = 0; fold < 5; fold++) {
          const { train, test: tested } = splitFold(folds, fold);
          const x = await scale(expected.normalizer, data, train);
          const got = probe(x, data.labels, classCount, train, tested);
          for (const [model, value] of Object.entries(got)) {
            const [score] = [expected[model as keyof RecordedScaler] as number[]].map((scores) => scores[fold]);
            assert.ok(Math.abs(value - score) < 1e-9, `${model}, fold ${fold}: ${value} where ${score} is right`);
          }
        }
      });

      test(`${scaler}: the condition number is NumPy’s`, async () => {
        const all = Uint32Array.from({ length: data.rows }, (_, i) => i);
        const x = await scale(expected.normalizer, data, all);
        const sums = columnMeans(x, all).map((mean) => mean * data.rows);
        const got = conditioningOf(gramOf(x, all, new Float64Array(x.columns)), sums, data.rows);
        const { max_eigenvalue, condition_number, rank } = expected;
        assert.ok(Math.abs(got.maxEigenvalue / max_eigenvalue - 1) < 1e-12, String(got.maxEigenvalue));
        assert.equal(got.rank, rank);
        // The smallest eigenvalue has the rounding of the largest.
        const allowed = Math.max(1e-9, 1e-14 * condition_number);
        assert.ok(Math.abs(got.conditionNumber / condition_number - 1) < allowed, String(got.conditionNumber));
      });
    }

    if (!norm_auc) return;
    test('the norm’s areas under the ROC curve are scikit-learn’s', () => {
      const got = aucPerClass(rowNorms(data), data.labels, classCount);
      got.forEach((auc, label) => assert.ok(Math.abs(auc - norm_auc[label]) < 1e-12));
    });
  });
}

test('the anchors: k-NN on wine at the split of Pinheiro et al., and the condition numbers of its Hessian', {
  skip,
}, async () => {
  const { wine } = sets;
  const tested = Uint32Array.from(recorded.anchors.test);
  const train = Uint32Array.from({ length: wine.rows }, (_, i) => i).filter((i) => !tested.includes(i));
  const scalers: Record<string, Pick<RecordedScaler, 'normalizer'>> = {
    ...recorded.sets.wine.scalers,
    quantile: { normalizer: { method: 'quantile', axis: 0 } },
  };
  const right: Record<string, number> = {};
  for (const scaler of ['none', 'minmax', 'maxabs', 'zscore', 'robust', 'quantile'] as const) {
    const x = await scale(scalers[scaler].normalizer, wine, train);
    right[scaler] = probe(x, wine.labels, 3, train, tested).knn;
  }
  assert.deepEqual(right, recorded.anchors.right);
  assert.deepEqual(right, { none: 40, minmax: 51, maxabs: 51, zscore: 52, robust: 51, quantile: 52 });
  const { none, zscore } = recorded.sets.wine.scalers;
  assert.equal(none.condition_number.toPrecision(2), '4.6e+8');
  assert.equal(zscore.condition_number.toPrecision(3), '45.5');
});
