import { predictByCentroid } from '#evidence/centroids.ts';
import { profileColumns } from '#evidence/columns.ts';
import { conditioningOf } from '#evidence/conditioning.ts';
import { addGram } from '#evidence/gram.ts';
import { continueLogistic, logisticModel } from '#evidence/logistic.ts';
import { columnMeans, type Matrix } from '#evidence/matrix.ts';
import {
  averageTargets,
  findNearest,
  neighborCount,
  orderStretches,
  voteClasses,
} from '#evidence/nearest-neighbors.ts';
import { predictNetwork, trainNetwork } from '#evidence/train-network.ts';
import { rowNorms } from '#evidence/norms.ts';
import { classTargets, numberTargets, predictLinear, ridgeAlpha, solveRidge } from '#evidence/ridge.ts';
import type { EvidenceResult, EvidenceTask, Labels, SharedMatrix, Steps } from './steps.ts';

const handlers: { [Name in keyof Steps]: (step: Steps[Name]['step']) => Steps[Name]['result'] } = {
  finite_rows: ({ x }) => finiteRows(matrixOf(x)),
  profile: ({ x, first, count }) => profileColumns(matrixOf(x), first, count),
  norms: ({ x }) => rowNorms(matrixOf(x)),
  gram({ x, rows, offset, gram }) {
    addGram(new Float64Array(gram), matrixOf(x), rows, offset);
    return undefined;
  },
  conditioning: ({ gram, sums, samples }) => conditioningOf(new Float64Array(gram), sums, samples),
  stretches: ({ x, train }) => orderStretches(matrixOf(x), train),
  neighbors({ x, labels, train, queries, stretches }) {
    const found = findNearest(matrixOf(x), train, queries, neighborCount, stretches);
    return labels.classCount > 0
      ? voteClasses(found, neighborCount, labels.values, labels.classCount)
      : averageTargets(found, neighborCount, labels.values);
  },
  centroids: ({ x, labels, train, test }) =>
    predictByCentroid(matrixOf(x), labels.values, labels.classCount, train, test),
  means: ({ x, rows }) => columnMeans(matrixOf(x), rows),
  ridge({ x, labels: { values, classCount }, gram, means, train, test }) {
    const targets = classCount > 0 ? classTargets(values, classCount) : numberTargets(values);
    const model = solveRidge(new Float64Array(gram).slice(), means, matrixOf(x), train, targets, ridgeAlpha);
    return predictLinear(model, matrixOf(x), test, classCount > 0);
  },
  logistic({ x, labels, fit, steps, train, test }) {
    continueLogistic(fit, matrixOf(x), train, labels.values, steps);
    if (!fit.isDone) return { fit };
    return { fit, predicted: predictLinear(logisticModel(fit, matrixOf(x), train), matrixOf(x), test, true) };
  },
  network({ x, labels, network, steps, isLast, train, test }) {
    trainNetwork(network, matrixOf(x), labels, train, steps);
    if (network.hasDiverged) return { network, predicted: new Float64Array(test.length).fill(usualOf(labels, train)) };
    if (!isLast) return { network };
    return { network, predicted: predictNetwork(network, matrixOf(x), test, labels.classCount > 0) };
  },
};

/** Does a piece of the work in this thread. */
export function runEvidence({ step }: EvidenceTask): EvidenceResult {
  return handlers[step.name](step as never);
}

function matrixOf({ buffer, rows, columns }: SharedMatrix): Matrix {
  return { values: new Float64Array(buffer), rows, columns };
}

/** What is predicted without a model: the most frequent class, or the mean, which standardized numbers have at 0. */
function usualOf({ values, classCount }: Labels, train: Uint32Array): number {
  const counts = new Uint32Array(classCount);
  for (const sample of train) counts[values[sample]] += 1;
  return classCount > 0 ? counts.indexOf(Math.max(...counts)) : 0;
}

function finiteRows({ values, rows, columns }: Matrix): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, i) => i).filter((i) =>
    values.subarray(i * columns, (i + 1) * columns).every(Number.isFinite),
  );
}
