import { scaleRatio } from '#evidence/advice.ts';
import { type Candidate, type ProbeName, probeNames } from '#evidence/candidates.ts';
import { judge } from '#evidence/judge.ts';
import { logisticC } from '#evidence/logistic.ts';
import { batchSize, hiddenUnits, stepsPerPoint, trainingSteps } from '#evidence/network.ts';
import { neighborCount } from '#evidence/nearest-neighbors.ts';
import { ridgeAlpha } from '#evidence/ridge.ts';
import type { ColumnsView, EvidenceView, ImagesView, NetworkView, ProbeView } from '#plots/evidence-view.ts';
import type { Comparison } from '#compare/comparison.ts';
import { namesOf } from './candidate-names.ts';
import type { Evidence } from './evidence.ts';
import { columnName, dangerInWords, reasonInWords } from './evidence-words.ts';
import { short, summarize } from './summary.ts';

/** Columns that have a row, at most. */
const maxRows = 64;

const headings = {
  distance_based: 'Distances',
  gradient_descent: 'Gradient descent',
  trees: 'Trees',
};

const probeTitles: Record<ProbeName, [title: string, subtitle: string]> = {
  nearest_neighbors: ['k-NN', `k = ${neighborCount}`],
  nearest_centroid: ['centroid', 'nearest class mean'],
  linear_model: ['linear model', 'at its optimum'],
  linear_network: ['linear network', 'best of 3 rates'],
  hidden_network: ['network', `${hiddenUnits} hidden, best of 3 rates`],
};

const modelTitles = {
  logistic_regression: `logistic, C = ${logisticC}`,
  ridge_classifier: `ridge, α = ${ridgeAlpha}`,
  ridge: `ridge, α = ${ridgeAlpha}`,
};

/** The evidence as a report shows it. */
export function toEvidenceView(comparison: Comparison, evidence: Evidence): EvidenceView {
  const { candidates, advice, dangers } = evidence;
  const names = namesOf(comparison, evidence);
  const sentences = summarize(evidence, names);
  return {
    basis: basisInWords(evidence),
    answers: advice.map((one, i) => ({
      heading: headings[one.family],
      sentence: sentences[i],
      reasons: one.reasons.map((code) => reasonInWords(code, one, evidence, names)),
    })),
    dangers: dangers.map((danger) => dangerInWords(danger, evidence, names)),
    candidates: names,
    probes: probesOf(evidence),
    facts: candidates.map(({ conditioning, columns, norms }) => ({
      conditionNumber: conditioning && short(conditioning.conditionNumber),
      maxLearningRate: conditioning?.maxLearningRate,
      scaleRatio: short(scaleRatio(columns)),
      norms,
    })),
    networks: networksOf(candidates),
    columns: comparison.header.shape.length === 2 ? columnsOf(evidence) : undefined,
    images: imagesOf(evidence),
  };
}

function basisInWords({ samples, totalSamples, notFinite, labels }: Evidence): string {
  const of =
    samples < totalSamples
      ? `${inEnglish(samples)} of the ${inEnglish(totalSamples)} samples`
      : `all ${inEnglish(samples)} samples`;
  const left = notFinite > 0 ? ` ${inEnglish(notFinite)} with missing values or infinities are left out.` : '';
  if (!labels) return `The figures are of ${of}.${left} Without labels they rest on the data alone.`;
  const what = labels.classes ? `${labels.classes.length} classes` : 'numbers';
  const whose = labels.foldsGiven ? `${labels.folds} given folds` : `${labels.folds} folds`;
  const fewer = labels.nearestTested < samples ? ` k-NN was tested on ${inEnglish(labels.nearestTested)} of them.` : '';
  return `The figures are of ${of}, labelled with ${what}.${left} Every normalizer is fitted inside each training part of ${whose} and tested on the rest.${fewer} Networks take ${trainingSteps} steps of plain gradient descent on batches of ${batchSize}, and the learning rate whose training loss ends lowest counts. A candidate is worse than the best where the exact McNemar p is at most 0.05${labels.classes ? '' : ', by which error is smaller'}.`;
}

function inEnglish(count: number): string {
  return count.toLocaleString('en');
}

function probesOf({ candidates, labels }: Evidence): ProbeView[] {
  if (!labels) return [];
  return probeNames.flatMap((name) => {
    const results = candidates.map(({ probes }) => probes?.[name]);
    const verdict = judge(results, labels.task === 'classification');
    if (!verdict) return [];
    const [title, subtitle] = probeTitles[name];
    const model = results[verdict.best]?.model;
    return {
      title,
      subtitle: model ? modelTitles[model] : subtitle,
      unit: labels.task === 'classification' ? 'accuracy' : 'r2',
      results: results.map(
        (result, i) =>
          result && {
            score: result.score,
            folds: result.scores,
            pValue: verdict.pValues[i],
            isBest: verdict.best === i,
            isEqual: verdict.equals.includes(i),
          },
      ),
    };
  });
}

function networksOf(candidates: readonly Candidate[]): NetworkView[] {
  const networkOf = (name: 'linear_network' | 'hidden_network', title: string): NetworkView[] => {
    const rates = candidates[0].probes?.[name]?.rates ?? [];
    if (rates.length === 0) return [];
    return [
      {
        title,
        stepsPerPoint,
        rates: rates.map(({ learningRate }, i) => ({
          learningRate,
          lines: candidates.map(({ probes }) => {
            const rate = probes?.[name]?.rates?.[i];
            return rate && { curve: rate.curve, hasDiverged: rate.divergedFolds > 0 };
          }),
        })),
      },
    ];
  };
  return [
    ...networkOf('hidden_network', `A network with one hidden layer of ${hiddenUnits} units`),
    ...networkOf('linear_network', 'A linear network'),
  ];
}

function columnsOf(evidence: Evidence): ColumnsView {
  const { candidates } = evidence;
  const [{ columns }] = candidates;
  return {
    total: columns.length,
    rows: columns.slice(0, maxRows).map(({ min, max, std, skewness, outlierShare, zeroShare }, j) => ({
      name: columnName(j, evidence),
      range: [min, max],
      std,
      skewness,
      outliers: outlierShare,
      zeros: zeroShare,
      histograms: candidates.map((candidate) => (candidate.keepsColumns ? candidate.columns[j].histogram : [])),
    })),
  };
}

function imagesOf({ pictures, candidates }: Evidence): ImagesView | undefined {
  if (!pictures) return undefined;
  const ranges = candidates.map(({ columns }): [number, number] => [
    columns.reduce((least, { min }) => Math.min(least, min), Infinity),
    columns.reduce((most, { max }) => Math.max(most, max), -Infinity),
  ]);
  return { ...pictures, ranges };
}
