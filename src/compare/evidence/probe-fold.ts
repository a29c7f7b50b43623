import { logisticCost, type LogisticFit, startLogistic } from '#evidence/logistic.ts';
import {
  batchSize,
  createNetwork,
  hiddenUnits,
  learningRates,
  type Network,
  stepsPerPoint,
  trainingSteps,
} from '#evidence/network.ts';
import type { ProbeResult } from '#evidence/candidates.ts';
import { sampleIndexes } from '#evidence/random.ts';
import type { Runner } from '#pool/task.ts';
import { gramInPieces, maxSolvedColumns, workPerTask } from './gram-in-pieces.ts';
import { runStep } from './run-in-pool.ts';
import type { Fold } from './steps.ts';

/** Multiplications that k-NN may take for one fold; beyond it, fewer samples of the fold are tested. */
const maxNeighborWork = 5e9;

/** Those that a Newton step of logistic regression may take; beyond it, a ridge classifier is solved. */
const maxLogisticWork = 1e8;

const querySeed = 3;

/** What one probe predicted of some samples that it was not trained on. */
export interface Prediction {
  test: Uint32Array;
  predicted: Float64Array;
}

/** The same of a network, and how its training went. */
export interface NetworkPrediction extends Prediction {
  learningRate: number;
  curve: number[];
  hasDiverged: boolean;
}

/** Everything that was predicted in one fold. */
export interface FoldResult {
  nearest: Prediction;
  centroid?: Prediction;
  linear?: Prediction & {
    model: NonNullable<ProbeResult['model']>;
    /** The optimum of logistic regression, which is near that of other folds. */
    fit?: LogisticFit;
  };
  /** One per learning rate. */
  linearNetworks: NetworkPrediction[];
  hiddenNetworks: NetworkPrediction[];
}

/**
 * Tries every probe on one fold of a candidate, side by side.
 * @param before what another fold gave
 */
export async function probeFold(fold: Fold, before: FoldResult | undefined, run: Runner): Promise<FoldResult> {
  const networks = (hidden: number) =>
    Promise.all(learningRates.map((learningRate) => trainInPieces(fold, hidden, learningRate, run)));
  const [nearest, centroid, linear, linearNetworks, hiddenNetworks] = await Promise.all([
    predictByNeighbors(fold, run),
    fold.labels.classCount > 0 ? predictByCentroid(fold, run) : undefined,
    fold.x.columns <= maxSolvedColumns ? predictByLinearModel(fold, before?.linear?.fit, run) : undefined,
    networks(0),
    networks(hiddenUnits),
  ]);
  return { nearest, centroid, linear, linearNetworks, hiddenNetworks };
}

async function predictByNeighbors({ x, labels, train, test }: Fold, run: Runner): Promise<Prediction> {
  const perQuery = train.length * x.columns;
  const queries = sampleIndexes(test.length, Math.max(1, Math.floor(maxNeighborWork / perQuery)), querySeed).map(
    (i) => test[i],
  );
  const stretches = await runStep(run, { name: 'stretches', x, train });
  const size = Math.max(1, Math.floor(workPerTask / perQuery));
  const pieces = Array.from({ length: Math.ceil(queries.length / size) }, (_, i) =>
    runStep(run, {
      name: 'neighbors',
      x,
      labels,
      train,
      queries: queries.slice(i * size, (i + 1) * size),
      stretches,
    }),
  );
  const predicted = new Float64Array(queries.length);
  (await Promise.all(pieces)).forEach((piece, i) => predicted.set(piece, i * size));
  return { test: queries, predicted };
}

async function predictByCentroid(fold: Fold, run: Runner): Promise<Prediction> {
  return { test: fold.test, predicted: await runStep(run, { name: 'centroids', ...fold }) };
}

/** Logistic regression where that is affordable; ridge regression for numbers, and as a classifier for what is left. */
async function predictByLinearModel(
  fold: Fold,
  near: LogisticFit | undefined,
  run: Runner,
): Promise<FoldResult['linear']> {
  const { x, train, test, labels } = fold;
  const cost = logisticCost(train.length, x.columns, labels.classCount);
  if (labels.classCount > 0 && cost <= maxLogisticWork) {
    const steps = Math.max(1, Math.floor(workPerTask / cost));
    let fit = startLogistic(x.columns, labels.classCount, near);
    for (;;) {
      const result = await runStep(run, { name: 'logistic', ...fold, fit, steps });
      if (result.predicted) return { test, predicted: result.predicted, model: 'logistic_regression', fit: result.fit };
      fit = result.fit;
    }
  }
  const means = await runStep(run, { name: 'means', x, rows: train });
  const gram = await gramInPieces(x, train, means, run);
  const predicted = await runStep(run, { name: 'ridge', ...fold, gram, means });
  return { test, predicted, model: labels.classCount > 0 ? 'ridge_classifier' : 'ridge' };
}

async function trainInPieces(
  fold: Fold,
  hidden: number,
  learningRate: number,
  run: Runner,
): Promise<NetworkPrediction> {
  const { x, labels, test } = fold;
  const numbers = labels.classCount === 0 ? standardize(fold) : undefined;
  const targets = numbers ? { values: numbers.values, classCount: 0 } : labels;
  const outputs = labels.classCount || 1;
  const perStep = batchSize * x.columns * (hidden || outputs) * 2;
  const size = Math.max(1, Math.floor(workPerTask / perStep / stepsPerPoint)) * stepsPerPoint;
  let network: Network = createNetwork(x.columns, hidden, outputs, learningRate);
  for (;;) {
    const steps = Math.min(size, trainingSteps - network.step);
    const isLast = network.step + steps >= trainingSteps;
    const result = await runStep(run, { name: 'network', ...fold, labels: targets, network, steps, isLast });
    network = result.network;
    if (!result.predicted) continue;
    const predicted = numbers ? result.predicted.map((value) => value * numbers.std + numbers.mean) : result.predicted;
    return { test, predicted, learningRate, curve: network.curve, hasDiverged: network.hasDiverged };
  }
}

/** Targets in deviations from the mean of those trained on, so that a learning rate does not depend on their unit. */
function standardize({ labels: { values }, train }: Fold): { values: Float64Array; mean: number; std: number } {
  const own = Float64Array.from(train, (i) => values[i]);
  const mean = own.reduce((sum, value) => sum + value / own.length, 0);
  const std = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2 / own.length, 0)) || 1;
  return { values: values.map((value) => (value - mean) / std), mean, std };
}
