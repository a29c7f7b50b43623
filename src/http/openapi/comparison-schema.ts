import * as z from 'zod';
import { Normalizer } from '#normalizers/normalizer.ts';
import { Histogram, ProblemDocument, Statistics, Warning } from './schemas.ts';

const share = z.number().nullable().meta({ description: 'A share between 0 and 1, or null where there is none.' });

const zeros = z.object({ count: z.int(), share }).meta({ description: 'How many values are zeros, and their share.' });

const ends = z
  .array(z.union([z.number(), z.enum(['Infinity', '-Infinity'])]).nullable())
  .meta({ description: 'The least and the greatest.' });

const histogram = Histogram.nullable().meta({
  description: 'Of the whole array; null where the values have no finite range.',
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
      description: 'Whether sample_weight counted: some methods take none and are fitted without.',
    }),
    zeros: sides(zeros),
    order: z
      .object({
        within_slices: z.boolean().meta({
          description: 'Of two values that were normalized together, the lesser one has no greater output.',
        }),
        whole_array: z.boolean().meta({ description: 'The same of any two values.' }),
        rank_correlation: z.number().nullable().meta({
          description: "Spearman's, of input and output, as scipy.stats.spearmanr.",
        }),
      })
      .optional()
      .meta({ description: 'Whether values keep their order.' }),
    sample_scale: z
      .object({
        kept: z.boolean().meta({ description: 'False when each sample was divided by its own norm.' }),
        lost: z.int().optional().meta({
          description: 'Samples that differed from another one and no longer do, counted where the data are few.',
        }),
        norms: sides(ends)
          .optional()
          .meta({ description: 'The least and the greatest L2 norm of a sample, samples of zeros left out.' }),
      })
      .meta({ description: "What became of the samples' lengths." }),
    outliers: z.object({ middle_90: sides(share) }).meta({
      description:
        'The share of the range that the middle 90 % of the values take: 0.9 of evenly spread values, next to 0 where an outlier sets the range. Of more than 4,194,304 values it comes from the histogram.',
    }),
    warnings: z.array(Warning),
  })
  .meta({ id: 'Compared', title: 'compared', description: 'What one normalizer makes of the data.' });

const Refused = z
  .object({ normalizer: Normalizer, problem: ProblemDocument.omit({ instance: true }) })
  .meta({ id: 'Refused', title: 'refused', description: 'A normalizer that these data have no result of, and why.' });

/** What `/v1/compare` answers in JSON. */
export const Comparison = z
  .object({
    input: z.object({
      dtype: z.string(),
      shape: z.array(z.int()),
      statistics: Statistics.optional(),
      histogram,
    }),
    compared_samples: z.int().meta({
      description:
        'The samples that order and norms were compared on: all of up to 65,536 values, otherwise some, evenly taken.',
    }),
    normalizers: z.array(z.union([Compared, Refused])).meta({ description: 'In the order of the request.' }),
  })
  .meta({ id: 'Comparison', description: 'Normalizers side by side on the same data, beside the input.' });
