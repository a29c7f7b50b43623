import { problemMembers } from '#errors.ts';
import { middle90Share } from '#statistics/middle-90.ts';
import { jsonCell } from '#formats/json/format-tensor.ts';
import { type StatisticsContent, statisticsToJson } from '#formats/json/statistics.ts';
import type { ComparedNormalizer, Comparison, DistributionStatistics } from './comparison.ts';
import { candidatesToJson, evidenceToJson, recommendationToJson } from './evidence/evidence-json.ts';

/** A comparison as JSON. */
export function comparisonToJson(comparison: Comparison): Record<string, unknown> {
  const { header, describes, comparedSamples, input, normalizers, evidence } = comparison;
  const candidates = evidence && candidatesToJson(evidence);
  const own = (place: number) => candidates?.[evidence?.normalizers.indexOf(place) ?? -1];
  return {
    recommendation: evidence && recommendationToJson(comparison, evidence),
    evidence: evidence && evidenceToJson(evidence),
    input: {
      dtype: header.dtype,
      shape: header.shape,
      ...portraitToJson(input, describes),
      evidence: candidates?.[0],
    },
    compared_samples: comparedSamples,
    normalizers: normalizers.map((one, place) =>
      'problem' in one
        ? { normalizer: one.normalizer, problem: problemMembers(one.problem) }
        : { ...comparedToJson(one, comparison), evidence: own(place) },
    ),
  };
}

function comparedToJson(
  { normalizer, scope, weighted, output, changes, warnings }: ComparedNormalizer,
  comparison: Comparison,
) {
  const { input, describes } = comparison;
  const lost = warnings.find(({ code }) => code === 'scale_lost');
  return {
    normalizer,
    scope,
    ...portraitToJson(output, describes),
    ...(weighted === undefined ? {} : { weighted }),
    zeros: { input: zerosOf(input.whole), output: zerosOf(output.whole) },
    order: changes && {
      within_slices: changes.orderWithinSlices,
      whole_array: changes.orderWithinArray,
      rank_correlation: jsonCell(changes.rankCorrelation),
    },
    sample_scale: {
      kept: lost === undefined,
      ...(lost?.count === undefined ? {} : { lost: lost.count }),
      norms: changes && { input: changes.norms.input.map(jsonCell), output: changes.norms.output.map(jsonCell) },
    },
    outliers: {
      middle_90: { input: jsonCell(middle90Share(input.whole)), output: jsonCell(middle90Share(output.whole)) },
    },
    warnings,
  };
}

/** The requested statistics of one side, and the histogram of the whole array or null. */
function portraitToJson({ whole, asked }: DistributionStatistics, describes: boolean) {
  const { layout, description, histogram } = whole;
  const { histogram: counted = null } = statisticsToJson({ layout, description, histogram });
  const statistics = describes ? { statistics: statisticsToJson(asked ?? { layout, description }) } : {};
  return { ...statistics, histogram: counted };
}

function zerosOf({ description }: StatisticsContent) {
  const [count] = description.zero_count;
  return { count, share: jsonCell(count / (description.nobs[0] + description.nan_count[0])) };
}
