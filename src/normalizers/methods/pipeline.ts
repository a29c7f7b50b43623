import * as z from 'zod';
import { composed } from '#normalizers/composition/composed.ts';
import { columnsOption } from '#normalizers/common-options.ts';
import type { CommonOptions, Method } from '#normalizers/method.ts';
import { NestedNormalizer, shallow } from '#normalizers/composition/nested-normalizer.ts';

const schema = z
  .strictObject({
    method: z.literal('pipeline'),
    steps: z.array(NestedNormalizer).min(1).max(100).meta({
      description: 'Normalizers, each of which is fitted on what the one before it gives.',
    }),
    columns: columnsOption,
  })
  .refine(...shallow)
  .meta({ id: 'Pipeline', title: 'pipeline', description: 'Normalizers one after the other.' });

type Options = z.output<typeof schema> & CommonOptions;

/** A chain, as scikit-learn's Pipeline. */
const pipeline: Method<Options> = {
  ...composed,
  name: 'pipeline',
  schema: schema as unknown as z.ZodType<Options>,
  about: {
    title: 'Normalizers one after the other',
    formula: 'y = fₙ(… f₂(f₁(x)))',
    keeps: ['what all of its steps keep'],
    loses: ['what any of its steps loses'],
    outliers:
      'As in the step that they reach: a log, a clip or a power transform first draws them in for those after it.',
    when: 'One method prepares the data for another: a logarithm before min-max, a power transform before a range, winsorizing before a z-score.',
    sources: ['scikit-learn Pipeline'],
    example: { steps: [{ method: 'power' }, { method: 'minmax' }] },
  },
  composition: {
    kind: 'sequence',
    member: 'steps',
    partsOf: ({ steps }) => steps.map((normalizer) => ({ normalizer })),
    withParts: (options, parts) => ({ ...options, steps: parts.map(({ normalizer }) => normalizer as CommonOptions) }),
    pointerOf: (at) => `/steps/${at}`,
  },
};

export { pipeline as method };
