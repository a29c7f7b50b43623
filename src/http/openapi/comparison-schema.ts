import * as z from 'zod';
import { Normalizer } from '#normalizers/normalizer.ts';
import { CandidateEvidence, Evidence, Recommendation } from './evidence-schema.ts';
import { Histogram, ProblemDocument, Statistics, Warning } from './schemas.ts';

const share = z.number().nullable().meta({ description: 'A fraction between 0 and 1, or null where undefined.' });

const zeros = z
  .object({ count: z.int(), share })
  .meta({ description: 'The number of zeros and their fraction of all values.' });

const ends = z
  .array(z.union([z.number(), z.enum(['Infinity', '-Infinity'])]).nullable())
  .meta({ description: 'Minimum and maximum.' });

const histogram = Histogram.nullable().meta({
  description: 'Histogram of the whole array; null where the values have no finite range.',
});

function sides<Side extends z.ZodType>(side: Side) {
  return z.object({ input: side, output: side });
}

const Compared = z
  .object({
    normalizer: Normalizer,
    scope: z.enum(['dataset', 'sample']),
    statistics: Statistics.optional(),
    histogram,
    weighted: z.boolean().optional().meta({
      description: 'Whether sample_weight was used; methods that do not support it are fitted without.',
    }),
    zeros: sides(zeros),
    order: z
      .object({
        within_slices: z.boolean().meta({
          description: 'Whether values that were normalized together keep their order.',
        }),
        whole_array: z.boolean().meta({ description: 'Whether all values of the array keep their order.' }),
        rank_correlation: z.number().nullable().meta({
          description: "Spearman's rank correlation of input and output, as scipy.stats.spearmanr.",
        }),
      })
      .optional()
      .meta({ description: 'Whether values keep their order.' }),
    sample_scale: z
      .object({
        kept: z.boolean().meta({
          description:
            'Whether the output still tells the magnitude of each sample; false when each sample was divided by its own norm.',
        }),
        lost: z.int().optional().meta({
          description:
            'The number of samples that differed from another sample and no longer do; counted only for small inputs.',
        }),
        norms: sides(ends)
          .optional()
          .meta({ description: 'Minimum and maximum L2 norm of a sample; all-zero samples are left out.' }),
      })
      .meta({ description: "The effect on the samples' magnitudes (L2 norms)." }),
    outliers: z.object({ middle_90: sides(share) }).meta({
      description:
        'The fraction of the range that the middle 90 % of the values occupy: 0.9 for evenly spread values, close to 0 where an outlier sets the range. For more than 4,194,304 values it is estimated from the histogram.',
    }),
    warnings: z.array(Warning),
    evidence: CandidateEvidence.optional(),
  })
  .meta({ id: 'Compared', title: 'compared', description: 'The effect of one normalizer on the data.' });

const Refused = z.object({ normalizer: Normalizer, problem: ProblemDocument.omit({ instance: true }) }).meta({
  id: 'Refused',
  title: 'refused',
  description: 'A normalizer that cannot be computed on these data, and why.',
});

/** What `/v1/compare` answers in JSON. */
export const Comparison = z
  .object({
    recommendation: Recommendation.optional(),
    evidence: Evidence.optional().meta({
      description: 'Absent where the data are not at least two samples of up to 4,096 values.',
    }),
    input: z.object({
      dtype: z.string(),
      shape: z.array(z.int()),
      statistics: Statistics.optional(),
      histogram,
      evidence: CandidateEvidence.optional(),
    }),
    compared_samples: z.int().meta({
      description:
        'The number of samples that order and norms were compared on: all samples for up to 65,536 values, otherwise an evenly spaced subset.',
    }),
    normalizers: z
      .array(z.union([Compared, Refused]))
      .meta({ description: 'One entry per normalizer, in the order of the request.' }),
  })
  .meta({ id: 'Comparison', description: 'The input and several normalizers of it, side by side.' });
