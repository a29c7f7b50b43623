import { type Advice, decidingProbe, scaleRatio } from '#evidence/advice.ts';
import type { ProbeName } from '#evidence/candidates.ts';
import { chance, readable } from '#plots/numbers.ts';
import { listNames } from './candidate-names.ts';
import type { Evidence } from './evidence.ts';

/** A sentence of the answer, with the part that is the choice. */
export interface Sentence {
  before: string;
  choice: string;
  after: string;
}

const families = {
  distance_based: 'For k-NN, clustering and other distances',
  gradient_descent: 'For linear models and networks trained by gradient descent',
};

/** Numbers from here on are written with an exponent. */
const large = 1e5;

/** The answer in three sentences, one per family of models. */
export function summarize(evidence: Evidence, names: readonly string[]): Sentence[] {
  return evidence.advice.map((advice) => {
    const { family } = advice;
    if (family === 'trees') {
      const after = ': a split depends on the order within a column alone, which methods per feature keep.';
      return { before: 'Trees and forests need ', choice: 'no normalization', after };
    }
    return advice.verdict
      ? byScores(families[family], advice, evidence, names)
      : byData(families[family], advice, evidence, names);
  });
}

export function toText({ before, choice, after }: Sentence): string {
  return `${before}${choice}${after}`;
}

function byData(family: string, advice: Advice, evidence: Evidence, names: readonly string[]): Sentence {
  const { candidates } = advice;
  const [input] = evidence.candidates;
  const ratio = short(scaleRatio(input.columns));
  const why =
    advice.family === 'gradient_descent'
      ? `: ${allowedSteps(advice, evidence, names)}.`
      : evidence.sharesUnit
        ? ': all positions have one unit, and scaling the whole array ranks all distances as before.'
        : `: the scales of the columns differ by a factor of ${ratio}.`;
  if (candidates.length === 1 && candidates[0] === 0)
    return { before: `${family} the data `, choice: 'may stay as they are', after: why };
  return { before: `${family} use `, choice: namesIn(candidates, names), after: why };
}

function byScores(family: string, advice: Advice, evidence: Evidence, names: readonly string[]): Sentence {
  const { candidates, verdict } = advice;
  if (!verdict) throw new Error('There is no verdict.');
  const { best, pValues } = verdict;
  const probe = decidingProbe[advice.family as keyof typeof decidingProbe];
  const score = (i: number) => scoreInWords(evidence, i, probe);
  const against = pValues[0] === undefined ? '' : `${score(0)} as they are, ${chance(pValues[0])}`;
  if (candidates.includes(0)) {
    const scores = best === 0 ? score(0) : `${score(best)} with ${names[best]}, ${against}`;
    const after = `: nothing that was tried is better (${scores}).`;
    return { before: `${family} `, choice: 'leave the data as they are', after };
  }
  const steps = advice.family === 'gradient_descent' ? `; ${allowedSteps(advice, evidence, names)}` : '';
  const alone = candidates.length === 1;
  const after = alone
    ? `: ${score(best)} against ${against}, and each of the others is worse (p ≤ 0.05)${steps}.`
    : `, between which these data show no difference: ${score(best)} with ${names[best]} against ${against}${steps}.`;
  return { before: `${family} use `, choice: namesIn(candidates, names), after };
}

function namesIn(candidates: readonly number[], names: readonly string[]): string {
  return listNames(
    candidates.map((i) => names[i]),
    'or',
  );
}

/** `97.2 % right`, or `R² 0.43`. */
export function scoreInWords({ candidates, labels }: Evidence, index: number, probe: ProbeName): string {
  const score = candidates[index].probes?.[probe]?.score ?? Number.NaN;
  return labels?.task === 'regression' ? `R² ${readable(score, 2)}` : `${(100 * score).toFixed(1)} % right`;
}

/** The steps that gradient descent may take, before and after. */
export function allowedSteps(
  { candidates: chosen, verdict }: Advice,
  { candidates }: Evidence,
  names: readonly string[],
): string {
  const pick = verdict && verdict.best > 0 ? verdict.best : (chosen.find((i) => i > 0) ?? 0);
  const [before, after] = [candidates[0].conditioning, candidates[pick].conditioning];
  if (!before || !after) return 'there are too many columns for the spectrum of a Hessian';
  const asTheyAre = `${readable(before.maxLearningRate, 2)} as they are (condition number ${short(before.conditionNumber)})`;
  if (pick === 0) return `steps of a linear model may be up to ${asTheyAre}`;
  return `steps of a linear model may be up to ${readable(after.maxLearningRate, 2)} with ${names[pick]} (condition number ${short(after.conditionNumber)}) and ${asTheyAre}`;
}

/** A number with three digits, large ones with an exponent. */
export function short(value: number): string {
  if (!(value >= large) || !Number.isFinite(value)) return readable(value, 3);
  const [mantissa, exponent] = value.toExponential(1).split('e+');
  return `${mantissa}e${exponent}`;
}
