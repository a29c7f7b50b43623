import type { ProbeName, ProbeResult, RateResult } from '#evidence/candidates.ts';
import { splitFold } from '#evidence/folds.ts';
import { accuracy, r2 } from '#evidence/scores.ts';
import type { Runner } from '#pool/task.ts';
import type { ReadyLabels } from './labels.ts';
import { type FoldResult, type NetworkPrediction, type Prediction, probeFold } from './probe-fold.ts';
import type { SharedMatrix } from './steps.ts';

/**
 * Tries every probe on a candidate, fold by fold.
 * @param matrixOf what the candidate makes of all samples when it is fitted on those that a fold trains on
 */
export async function probeCandidate(
  labels: ReadyLabels,
  matrixOf: (train: Uint32Array) => Promise<SharedMatrix>,
  run: Runner,
): Promise<Partial<Record<ProbeName, ProbeResult>>> {
  const results: FoldResult[] = [];
  const { values, classCount } = labels;
  for (let fold = 0; fold < labels.foldCount; fold++) {
    const { train, test } = splitFold(labels.folds, fold);
    const x = await matrixOf(train);
    results.push(await probeFold({ x, labels: { values, classCount }, train, test }, results.at(-1), run));
  }
  const probes: Partial<Record<ProbeName, ProbeResult>> = {
    nearest_neighbors: scoreFolds(
      results.map(({ nearest }) => nearest),
      labels,
    ),
    linear_network: scoreNetworks(
      results.map(({ linearNetworks }) => linearNetworks),
      labels,
    ),
    hidden_network: scoreNetworks(
      results.map(({ hiddenNetworks }) => hiddenNetworks),
      labels,
    ),
  };
  const centroids = results.flatMap(({ centroid }) => centroid ?? []);
  if (centroids.length > 0) probes.nearest_centroid = scoreFolds(centroids, labels);
  const linear = results.flatMap((result) => result.linear ?? []);
  if (linear.length > 0) probes.linear_model = { ...scoreFolds(linear, labels), model: linear[0].model };
  return probes;
}

/** @param predictions one per fold */
function scoreFolds(predictions: readonly Prediction[], { values, classCount }: ReadyLabels): ProbeResult {
  const scores = predictions.map(({ test, predicted }) => {
    const actual = Float64Array.from(test, (sample) => values[sample]);
    return classCount > 0 ? accuracy(predicted, actual) : r2(predicted, actual);
  });
  const outcomes = new Float64Array(values.length).fill(Number.NaN);
  for (const { test, predicted } of predictions) {
    test.forEach((sample, i) => {
      const error = predicted[i] - values[sample];
      outcomes[sample] = classCount > 0 ? Number(error === 0) : Math.abs(error);
    });
  }
  return { scores, score: mean(scores), outcomes: outcomes.filter((outcome) => !Number.isNaN(outcome)) };
}

/** The score of a network is that at the learning rate whose training loss ends lowest: the tested samples have no say in it. */
function scoreNetworks(folds: readonly NetworkPrediction[][], labels: ReadyLabels): ProbeResult {
  const tried = folds[0].map((_, rate) => folds.map((fold) => fold[rate]));
  const results = tried.map((networks) => scoreFolds(networks, labels));
  const rates = tried.map((networks, i): RateResult => {
    const points = Math.min(...networks.map(({ curve }) => curve.length));
    return {
      learningRate: networks[0].learningRate,
      scores: results[i].scores,
      score: results[i].score,
      curve: Array.from({ length: points }, (_, point) => mean(networks.map(({ curve }) => curve[point]))),
      divergedFolds: networks.filter(({ hasDiverged }) => hasDiverged).length,
    };
  });
  const ends = rates.map(({ curve, divergedFolds }) => (divergedFolds > 0 ? Infinity : (curve.at(-1) ?? Infinity)));
  const best = ends.indexOf(Math.min(...ends));
  return { ...results[best], rates };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}
