import { methodOf } from '#normalizers/normalizer.ts';
import { percent, readable } from '#plots/numbers.ts';
import type { Entry, Report } from '#plots/report.ts';
import { middle90Share } from '#statistics/middle-90.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import type { Preservation } from './preservation.task.ts';
import type { ComparedNormalizer, Comparison, FailedNormalizer } from './comparison.ts';
import { dataInWords, inputDistribution } from '#formats/svg/describe-picture.ts';
import { toEvidenceView } from './evidence/evidence-view.ts';
import { changing, toPanel } from './to-picture.ts';

/** Relative tolerance within which norms count as equal. */
const sameLength = 1e-6;

/**
 * A comparison as a readable page.
 * @param request the shell command that produces the same page
 */
export function toReport(comparison: Comparison, request: string): Report {
  const { header, input, evidence } = comparison;
  return {
    title: evidence ? 'Which normalization for these data?' : 'The effect of each normalizer on these data',
    subtitle: dataInWords(header),
    input: inputDistribution(input.whole),
    normalizers: changing(comparison).map((one) => toEntry(one, comparison)),
    evidence: evidence && toEvidenceView(comparison, evidence),
    request,
  };
}

function toEntry(one: ComparedNormalizer | FailedNormalizer, { header, input, comparedSamples }: Comparison): Entry {
  const { title, formula, keeps, loses, outliers, when } = methodOf(one.normalizer).about;
  const samples = header.shape.length > 1 ? header.shape[0] : 1;
  const refused = 'problem' in one;
  const told = refused ? [] : findings(one, input.whole);
  if (!refused && one.changes && comparedSamples < samples)
    told.push(`Order and norms were compared on ${inEnglish(comparedSamples)} of the ${inEnglish(samples)} samples.`);
  return {
    panel: toPanel(one, header),
    method: { title, formula },
    about: [`Preserves ${keeps.join('; ')}.`, `Loses ${loses.join('; ')}.`, outliers, `Use it when: ${when}`],
    findings: told,
    warnings: refused ? [] : one.warnings,
  };
}

/** The effect on these data, in sentences. */
function findings({ output, changes, warnings }: ComparedNormalizer, input: StatisticsContent): string[] {
  const lost = warnings.find(({ code }) => code === 'scale_lost');
  const told = [zerosInWords(zeroShare(input), zeroShare(output.whole))];
  if (changes) told.push(orderInWords(changes), lengthsInWords(changes));
  if (lost?.count) told.push(`${inEnglish(lost.count)} samples that differed are now identical.`);
  const [middle, middleNow] = [middle90Share(input), middle90Share(output.whole)];
  if (!Number.isNaN(middle) && !Number.isNaN(middleNow))
    told.push(
      `The middle 90 % of the values occupied ${percent(middle)} of the range and now occupy ${percent(middleNow)}.`,
    );
  return told;
}

function zerosInWords(before: number, after: number): string {
  if (before === 0 && after === 0) return 'There are no zeros, before or after.';
  if (before === after) return `The fraction of zeros has not changed: ${percent(before)} of the values.`;
  return `${percent(before)} of the values were zeros; now ${after === 0 ? 'none' : percent(after)} are.`;
}

function orderInWords({ orderWithinArray, orderWithinSlices, rankCorrelation }: Preservation): string {
  if (orderWithinArray) return 'All values keep their order.';
  const who = orderWithinSlices
    ? 'Values that were normalized together keep their order, but others change places'
    : 'Values change places, even among those that were normalized together';
  return `${who}: the rank correlation of input and output is ${readable(rankCorrelation)}.`;
}

function lengthsInWords({ norms }: Preservation): string {
  const [least, greatest] = norms.output;
  const now =
    greatest - least <= sameLength * greatest ? `are all ${readable(greatest)}` : `range ${rangeInWords(norms.output)}`;
  return `The samples’ L2 norms ranged ${rangeInWords(norms.input)} and now ${now}.`;
}

function rangeInWords([least, greatest]: readonly number[]): string {
  return `from ${readable(least)} to ${readable(greatest)}`;
}

function inEnglish(count: number): string {
  return count.toLocaleString('en');
}

function zeroShare({ description: { nobs, nan_count, zero_count } }: StatisticsContent): number {
  return zero_count[0] / (nobs[0] + nan_count[0]);
}
