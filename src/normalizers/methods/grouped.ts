import * as z from 'zod';
import { composed } from '#normalizers/composition/composed.ts';
import { columnsOption } from '#normalizers/common-options.ts';
import type { CommonOptions, Method } from '#normalizers/method.ts';
import { NestedNormalizer, nestsMethod, shallow } from '#normalizers/composition/nested-normalizer.ts';

const schema = z
  .strictObject({
    method: z.literal('grouped'),
    by: z.string().optional().meta({
      description:
        'The column of a table that says which group a row belongs to; it passes through. Without it, groups beside the data says so.',
    }),
    normalizer: NestedNormalizer.meta({ description: 'What is fitted within each group.' }),
    unseen: z.enum(['error', 'global', 'nan']).default('error').meta({
      description:
        'What becomes of rows whose group the fit did not see: an error, the parameters of all data together, or NaN.',
    }),
    min_samples: z.int().min(1).default(1).meta({
      description: 'A group of fewer rows counts as one that was not seen.',
    }),
    columns: columnsOption,
  })
  .refine(...shallow)
  .refine(({ normalizer }) => !nestsMethod(normalizer, 'grouped'), {
    path: ['normalizer'],
    message: 'groups within groups are groups by one column that holds both: make it, and group once',
  })
  .meta({ id: 'Grouped', title: 'grouped', description: 'A normalizer fitted within each group of rows.' });

type Options = z.output<typeof schema> & CommonOptions;

/** The same normalizer for each group of rows, each with parameters of its own, as pandas' `groupby(…).transform`. */
const grouped: Method<Options> = {
  ...composed,
  name: 'grouped',
  schema: schema as unknown as z.ZodType<Options>,
  about: {
    title: 'A normalizer within each group',
    formula: 'y = f_g(x) for the group g of the row',
    keeps: ['what the inner normalizer keeps within a group', 'the column that names the groups'],
    loses: ['what the inner normalizer loses', 'differences between the groups, which groups and parameters keep'],
    outliers: 'They stay within their group, and weigh more in a small one.',
    when: 'Rows come from devices, shops or patients that differ in level and spread, and only what is unusual for each of them matters.',
    sources: ['pandas DataFrame.groupby(…).transform'],
    example: { by: 'device_id', normalizer: { method: 'zscore' }, unseen: 'global', min_samples: 2 },
  },
  composition: {
    kind: 'groups',
    member: 'groups',
    partsOf: ({ normalizer }) => [{ normalizer }],
    withParts: (options, [{ normalizer }]) => ({ ...options, normalizer: normalizer as CommonOptions }),
    pointerOf: () => '/normalizer',
    grouping: ({ by, unseen, min_samples }) => ({ by, unseen, minSamples: min_samples }),
  },
};

export { grouped as method };
