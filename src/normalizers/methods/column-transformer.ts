import * as z from 'zod';
import { composed } from '#normalizers/composition/composed.ts';
import { columnList } from '#normalizers/common-options.ts';
import type { CommonOptions, Method } from '#normalizers/method.ts';
import { NestedNormalizer, shallow } from '#normalizers/composition/nested-normalizer.ts';

/** Of a name in the place of a normalizer it is said what could stand there; a faulty normalizer says it itself. */
function describeNormalizer({ input }: { input?: unknown }): string | undefined {
  return typeof input === 'object' ? undefined : 'must be a normalizer, "passthrough" or "drop"';
}

const Transformer = z.strictObject({
  columns: columnList("Indexes along the last axis, or names of a table's columns."),
  normalizer: z.union([z.enum(['passthrough', 'drop']), NestedNormalizer], { error: describeNormalizer }).meta({
    description: 'What is done with these columns: a normalizer, passthrough, or drop.',
  }),
});

const schema = z
  .strictObject({
    method: z.literal('column_transformer'),
    transformers: z.array(Transformer).min(1).max(1000).meta({
      description: 'A normalizer for some of the columns each. No column belongs to two of them.',
    }),
    remainder: z.enum(['passthrough', 'drop', 'error']).default('passthrough').meta({
      description:
        'What becomes of columns that no transformer names: they pass through unchanged, are left out, text too, or are an error.',
    }),
  })
  .refine(...shallow)
  .meta({
    id: 'ColumnTransformer',
    title: 'column_transformer',
    description: 'A normalizer of its own for each set of columns.',
  });

type Options = z.output<typeof schema> & CommonOptions;

/** Columns side by side, as scikit-learn's ColumnTransformer; but every column keeps its place, and there is an inverse. */
const columnTransformer: Method<Options> = {
  ...composed,
  name: 'column_transformer',
  schema: schema as unknown as z.ZodType<Options>,
  about: {
    title: 'A normalizer for each set of columns',
    formula: 'y[columns] = f(x[columns]) for each transformer',
    keeps: ['the order of the columns', 'what each transformer keeps of its columns', 'columns that nobody names'],
    loses: ['what each transformer loses of its columns', 'columns that are dropped'],
    outliers: 'They stay within the columns of their transformer.',
    when: 'A table has columns of different kinds: amounts want a logarithm, ages a z-score, flags nothing. One normalizer then serves the whole table, and its inverse takes back the columns that are there.',
    sources: ['scikit-learn ColumnTransformer, whose columns come out in the order of the transformers'],
    example: {
      transformers: [
        { columns: ['age', 'tenure'], normalizer: { method: 'zscore' } },
        { columns: ['amount'], normalizer: { method: 'pipeline', steps: [{ method: 'log' }, { method: 'minmax' }] } },
        { columns: ['debug'], normalizer: 'drop' },
      ],
      remainder: 'passthrough',
    },
  },
  composition: {
    kind: 'columns',
    member: 'transformers',
    partsOf: ({ transformers }) => transformers,
    withParts: (options, parts) => ({
      ...options,
      transformers: parts.map(({ columns, normalizer }) => ({ columns: columns ?? [], normalizer })),
    }),
    pointerOf: (at) => `/transformers/${at}/normalizer`,
    remainder: ({ remainder }) => remainder,
  },
};

export { columnTransformer as method };
