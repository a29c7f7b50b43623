import { type Advice, decidingProbe, scaleRatio } from '#evidence/advice.ts';
import { type Candidate, type ProbeName, probeNames, type ProbeResult } from '#evidence/candidates.ts';
import type { ColumnProfile } from '#evidence/columns.ts';
import { judge, significance } from '#evidence/judge.ts';
import { logisticC } from '#evidence/logistic.ts';
import { batchSize, hiddenUnits, trainingSteps } from '#evidence/network.ts';
import { ridgeAlpha } from '#evidence/ridge.ts';
import { jsonCell } from '#formats/json/format-tensor.ts';
import type { Comparison } from '#compare/comparison.ts';
import { namesOf } from './candidate-names.ts';
import type { Evidence } from './evidence.ts';
import { columnName, dangerInWords, reasonInWords } from './evidence-words.ts';
import { summarize, toText } from './summary.ts';
import { neighborCount } from '#evidence/nearest-neighbors.ts';

/** Columns that are told of one by one, at most. */
const maxToldColumns = 1024;

/** What all candidates have in common, under the names of the wire. */
export function evidenceToJson(evidence: Evidence): Record<string, unknown> {
  const { samples, totalSamples, notFinite, candidates, labels, seconds } = evidence;
  const [{ columns }] = candidates;
  return {
    samples,
    total_samples: totalSamples,
    not_finite: notFinite,
    scale_ratio: jsonCell(scaleRatio(columns)),
    columns: columns.length <= maxToldColumns ? columns.map((one, j) => columnToJson(one, j, evidence)) : undefined,
    labels: labels && {
      task: labels.task,
      classes: labels.classes,
      folds: labels.folds,
      folds_given: labels.foldsGiven,
      norms: {
        auc: labels.norms.auc?.map(jsonCell),
        strength: jsonCell(labels.norms.strength),
        is_signal: labels.norms.isSignal,
      },
    },
    probes: labels && {
      nearest_neighbors: { k: neighborCount },
      logistic_regression: { C: logisticC, solver: 'newton-cg' },
      ridge: { alpha: ridgeAlpha, solver: 'cholesky' },
      networks: { batch_size: batchSize, steps: trainingSteps, hidden_units: hiddenUnits },
    },
    seconds,
  };
}

function columnToJson(column: ColumnProfile, index: number, evidence: Evidence) {
  return {
    index,
    name: evidence.columnNames && columnName(index, evidence),
    minmax: [column.min, column.max].map(jsonCell),
    mean: jsonCell(column.mean),
    std: jsonCell(column.std),
    skewness: jsonCell(column.skewness),
    quartiles: column.quartiles.map(jsonCell),
    outliers: column.outlierShare,
    zeros: column.zeroShare,
    largest_z: jsonCell(column.largestZ),
    sentinel: column.sentinel,
  };
}

/** What is known of each candidate. */
export function candidatesToJson({ candidates, labels }: Evidence): Record<string, unknown>[] {
  const verdicts = new Map(
    probeNames.map((probe) => [
      probe,
      judge(
        candidates.map(({ probes }) => probes?.[probe]),
        labels?.task !== 'regression',
      ),
    ]),
  );
  return candidates.map((candidate, i) => ({
    scale_ratio: jsonCell(scaleRatio(candidate.columns)),
    hessian: candidate.conditioning && conditioningToJson(candidate.conditioning),
    norms: {
      minmax: [candidate.norms.min, candidate.norms.max].map(jsonCell),
      median: jsonCell(candidate.norms.median),
      variation: jsonCell(candidate.norms.variation),
    },
    probes: candidate.probes && probesToJson(candidate.probes, (probe) => verdicts.get(probe)?.pValues[i]),
  }));
}

function conditioningToJson(conditioning: NonNullable<Candidate['conditioning']>) {
  return {
    max_eigenvalue: jsonCell(conditioning.maxEigenvalue),
    min_eigenvalue: jsonCell(conditioning.minEigenvalue),
    condition_number: jsonCell(conditioning.conditionNumber),
    max_learning_rate: jsonCell(conditioning.maxLearningRate),
    rank: conditioning.rank,
    dimension: conditioning.dimension,
  };
}

function probesToJson(
  probes: NonNullable<Candidate['probes']>,
  pValueOf: (probe: ProbeName) => number | undefined,
): Record<string, unknown> {
  const told = probeNames.flatMap((name) => {
    const result = probes[name];
    return result ? [[name, probeToJson(result, pValueOf(name))]] : [];
  });
  return Object.fromEntries(told) as Record<string, unknown>;
}

function probeToJson({ score, scores, outcomes, model, rates }: ProbeResult, pValue: number | undefined) {
  return {
    score: jsonCell(score),
    scores: scores.map(jsonCell),
    tested: outcomes.length,
    p_value: pValue,
    model,
    learning_rates: rates?.map((rate) => ({
      learning_rate: rate.learningRate,
      score: jsonCell(rate.score),
      scores: rate.scores.map(jsonCell),
      curve: rate.curve.map(jsonCell),
      diverged_folds: rate.divergedFolds,
    })),
  };
}

/** What is advised, and why. */
export function recommendationToJson(comparison: Comparison, evidence: Evidence): Record<string, unknown> {
  const names = namesOf(comparison, evidence);
  return {
    summary: summarize(evidence, names).map(toText),
    ...Object.fromEntries(
      evidence.advice.map((advice) => [advice.family, adviceToJson(advice, comparison, evidence, names)]),
    ),
    dangers: evidence.dangers.map((danger) => ({
      code: danger.code,
      normalizer: evidence.normalizers[danger.candidate],
      columns: danger.columns.slice(0, maxToldColumns),
      message: dangerInWords(danger, evidence, names),
    })),
  };
}

function adviceToJson(advice: Advice, comparison: Comparison, evidence: Evidence, names: readonly string[]) {
  const { family, basis, candidates, reasons, verdict } = advice;
  return {
    basis,
    probe: verdict && decidingProbe[family as keyof typeof decidingProbe],
    choices: candidates.map((i) => {
      const place = evidence.normalizers[i];
      return { name: names[i], place: place < 0 ? null : place, normalizer: comparison.normalizers[place]?.normalizer };
    }),
    no_difference: candidates.length > 1,
    significance: verdict && significance,
    reasons: reasons.map((code) => ({ code, message: reasonInWords(code, advice, evidence, names) })),
  };
}
