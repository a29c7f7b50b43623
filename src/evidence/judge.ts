import type { ProbeResult } from './candidates.ts';
import { mcnemar } from './mcnemar.ts';

/** The probability of chance above which two candidates do not differ. */
export const significance = 0.05;

/** Candidates under one probe, against the best of them. */
export interface Verdict {
  best: number;
  /** Per candidate the exact McNemar p against the best one, 1 for itself; undefined where it was not probed. */
  pValues: (number | undefined)[];
  /** The candidates that do not differ from the best, itself among them, in their order. */
  equals: number[];
}

/**
 * Judges candidates that were tested on the same samples. The best has the highest mean score, the first of several.
 * Numbers are compared by which error is smaller (the sign test), which is McNemar's on that question.
 * @returns undefined where none was probed
 */
export function judge(results: readonly (ProbeResult | undefined)[], isClassifier: boolean): Verdict | undefined {
  let best = -1;
  results.forEach((result, i) => {
    if (result && (best < 0 || result.score > (results[best] as ProbeResult).score)) best = i;
  });
  if (best < 0) return undefined;
  const winner = (results[best] as ProbeResult).outcomes;
  const sign = isClassifier ? 1 : -1;
  const pValues = results.map((result) => {
    if (!result) return undefined;
    let [onlyWinner, onlyOther] = [0, 0];
    for (let i = 0; i < winner.length; i++) {
      const difference = sign * (winner[i] - result.outcomes[i]);
      if (difference > 0) onlyWinner += 1;
      else if (difference < 0) onlyOther += 1;
    }
    return mcnemar(onlyWinner, onlyOther);
  });
  const equals = pValues.flatMap((p, i) => (p !== undefined && p > significance ? [i] : []));
  return { best, pValues, equals };
}
