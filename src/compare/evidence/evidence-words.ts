import { max } from 'd3-array';
import { type Advice, decidingProbe, isSkewed, type ReasonCode, scaleRatio } from '#evidence/advice.ts';
import type { Candidate, ProbeName } from '#evidence/candidates.ts';
import { type Danger, zeroShare } from '#evidence/dangers.ts';
import { chance, readable } from '#plots/numbers.ts';
import { listWords } from './candidate-names.ts';
import { allowedSteps, scoreInWords, short } from './summary.ts';
import type { Evidence } from './evidence.ts';

const probeWords: Record<ProbeName, string> = {
  nearest_neighbors: 'k-nearest neighbors',
  nearest_centroid: 'nearest centroid',
  linear_model: 'linear model',
  linear_network: 'linear network',
  hidden_network: 'hidden-layer network',
};

/** Columns that a sentence names, at most. */
const maxNamed = 3;

/** Why, in a sentence for each reason. */
export function reasonInWords(code: ReasonCode, advice: Advice, evidence: Evidence, names: readonly string[]): string {
  const [input] = evidence.candidates;
  switch (code) {
    case 'scores':
      return scoresInWords(advice, evidence, names);
    case 'unlike_scales':
      return `The scales of the columns differ by a factor of ${short(scaleRatio(input.columns))}: unscaled, the largest ones decide every distance.`;
    case 'like_scales':
      return `The scales of the columns differ by a factor of ${short(scaleRatio(input.columns))} only.`;
    case 'one_unit':
      return 'All positions have one unit: scaling the whole array ranks all distances as before, and scaling each position by itself would not.';
    case 'skewed': {
      const skewed = indexesOf(input, isSkewed);
      return `${columnsInWords(skewed, evidence)} ${skewed.length === 1 ? 'has a long tail' : 'have long tails'} (skewness up to ${readable(max(skewed, (j) => Math.abs(input.columns[j].skewness)) ?? 0, 3)}).`;
    }
    case 'outliers': {
      const far = indexesOf(input, ({ outlierShare, sentinel }) => outlierShare > 0.01 || sentinel !== undefined);
      return `${columnsInWords(far, evidence)} ${far.length === 1 ? 'has' : 'have'} values far outside the quartiles.`;
    }
    case 'sparse':
      return `${Math.round(100 * zeroShare(input.columns))} % of the values are zeros: what moves them makes the data dense.`;
    case 'conditioning': {
      const words = allowedSteps(advice, evidence, names);
      return `${words[0].toUpperCase()}${words.slice(1)}.`;
    }
    case 'order_alone_counts':
      return 'A split of a column depends on the order of its values alone, and methods per feature keep it; methods per sample do not.';
    case 'labels_would_tell':
      return 'That is what the data alone can justify; send labels to see what each is worth to a model.';
  }
}

function scoresInWords({ family, verdict }: Advice, evidence: Evidence, names: readonly string[]): string {
  if (!verdict) return '';
  const probe = decidingProbe[family as keyof typeof decidingProbe];
  const ranked = [...names.keys()]
    .filter((i) => verdict.pValues[i] !== undefined)
    .sort((a, b) => scoreOf(evidence, b, probe) - scoreOf(evidence, a, probe));
  const told = ranked.map((i) => {
    const p = i === verdict.best ? 'the best' : chance(verdict.pValues[i] as number);
    return `${scoreInWords(evidence, i, probe).replace(' right', '')} ${i === 0 ? names[i] : `with ${names[i]}`} (${p})`;
  });
  const tested = evidence.candidates[verdict.best].probes?.[probe]?.outcomes.length ?? 0;
  return `The ${probeWords[probe]} over ${tested.toLocaleString('en')} tested samples: ${told.join(', ')}.`;
}

function scoreOf({ candidates }: Evidence, index: number, probe: ProbeName): number {
  return candidates[index].probes?.[probe]?.score ?? Number.NEGATIVE_INFINITY;
}

/** A danger in a sentence. */
export function dangerInWords(
  { code, candidate, columns, figure }: Danger,
  evidence: Evidence,
  names: readonly string[],
): string {
  const name = names[candidate];
  const where = columnsInWords(columns, evidence);
  switch (code) {
    case 'near_constant_columns':
      return `${name} blows up columns that are one value almost always: ${where} ${columns.length === 1 ? 'reaches' : 'reach'} ${readable(figure, 3)} away from ${columns.length === 1 ? 'its' : 'their'} mean, so that a few samples decide there.`;
    case 'sentinels':
      return `${name} is set by a sentinel: ${where} ${columns.length === 1 ? 'repeats' : 'repeat'} ${readable(figure)} far from all else, and what else there is shares a small part of the range. Make it a missing value first.`;
    case 'norm_is_signal':
      return `${name} throws a signal away: the norm of a sample alone tells the labels (${evidence.labels?.task === 'regression' ? `|ρ| ${readable(figure, 2)}` : `area under the curve ${readable(figure, 2)} on average, 0.5 is chance`}).`;
    case 'one_column_decides':
      return `${name} divides by what is nearly one column: ${where} ${columns.length === 1 ? 'makes up' : 'make up'} ${Math.round(100 * figure)} % of the squares. Scale the columns first.`;
    case 'zeros_lost':
      return `${name} makes sparse data dense: ${Math.round(100 * figure)} % of the values were zeros.`;
  }
}

function indexesOf({ columns }: Candidate, holds: (column: Candidate['columns'][number]) => boolean): number[] {
  return [...columns.keys()].filter((j) => holds(columns[j]));
}

function columnsInWords(indexes: readonly number[], evidence: Evidence): string {
  const shown = indexes.slice(0, maxNamed).map((j) => columnName(j, evidence));
  const more = indexes.length - shown.length;
  if (indexes.length === 1)
    return evidence.columnNames ? shown[0] : `${evidence.sampleShape.length > 1 ? 'position' : 'column'} ${shown[0]}`;
  const words = listWords(more > 0 ? [...shown, `${more.toLocaleString('en')} more`] : shown, 'and');
  return evidence.columnNames ? words : `${evidence.sampleShape.length > 1 ? 'positions' : 'columns'} ${words}`;
}

/** A column's name, or its number; in samples of more axes its place, `(3, 14)`. */
export function columnName(index: number, { columnNames, sampleShape }: Evidence): string {
  if (sampleShape.length < 2) return columnNames?.[index] ?? String(index);
  const place: number[] = [];
  for (const length of sampleShape.toReversed()) {
    place.unshift(index % length);
    index = Math.floor(index / length);
  }
  return `(${place.join(', ')})`;
}
