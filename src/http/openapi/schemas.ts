import * as z from 'zod';
import { clientProblems, serverProblems } from './problem-examples.ts';
import { floatDtypes } from '#tensor/dtype.ts';
import { dtypes } from '#tensor/dtype.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import { StatisticsOptions } from '#statistics/options.ts';
import { FittedDocument } from '#formats/json/fitted/fitted-document.ts';

const cell = z.union([z.number(), z.null(), z.enum(['NaN', 'Infinity', '-Infinity'])]);

/** The three forms of a tensor in JSON, for the documentation only: `decodeJsonTensor` reads and checks them in one pass. */
export const TensorDocument = z
  .union([
    z
      .array(z.unknown())
      .meta({ title: 'nested lists', description: 'Row-major nested lists of numbers, read as float64.' }),
    cell.meta({ title: 'rank 0' }),
    z
      .strictObject({
        dtype: z.enum(dtypes),
        shape: z.array(z.int().min(0)).max(8),
        data: z.array(z.union([cell, z.boolean()])),
      })
      .meta({ title: 'flat', description: 'All elements in one row-major list.' }),
    z
      .strictObject({ dtype: z.enum(dtypes), shape: z.array(z.int().min(0)).max(8), base64: z.string() })
      .meta({ title: 'base64', description: 'Little-endian bytes, row-major.' }),
    z
      .strictObject({
        columns: z.array(z.string()),
        index: z.array(z.unknown()).optional(),
        data: z.array(z.array(z.unknown())),
      })
      .meta({
        title: 'split',
        description:
          "A table, as pandas writes it by orient='split'; a list of objects is one by orient='records'. MLflow's dataframe_split and dataframe_records stand in place of data.",
      }),
  ])
  .meta({
    id: 'Tensor',
    description:
      'An array of rank 0 to 8 in one of three forms; the response uses the form of the request. null is NaN; "NaN", "Infinity" and "-Infinity" are accepted as well.',
    examples: [
      [
        [3, 5],
        [6, 10],
      ],
    ],
  });

export const sampleWeight = z
  .unknown()
  .optional()
  .meta({
    anyOf: [{ type: 'array', items: { type: 'number', minimum: 0 } }, { type: 'string' }],
    description: 'One weight per index of axis 0, or the name of the column of a table that holds them.',
  });

const isLabel = (label: unknown) => label === null || ['string', 'number', 'boolean'].includes(typeof label);

export const groups = z
  .unknown()
  .refine(
    (value) =>
      typeof value === 'string' || value instanceof Float64Array || (Array.isArray(value) && value.every(isLabel)),
    'must be a list of labels or the name of a column',
  )
  .optional()
  .meta({
    anyOf: [{ type: 'array', items: { type: ['string', 'number', 'boolean', 'null'] } }, { type: 'string' }],
    description:
      'For grouped without by: the group of each index of axis 0, or the name of the column of a table that holds it.',
  });

export const statistics = z
  .union([z.boolean(), StatisticsOptions])
  .optional()
  .meta({ description: 'true for the default statistics, false for none, or options. Default true.' });

export const missingColumns = z.enum(['error', 'ignore']).optional().meta({
  description:
    'A column that is normalized and not in the table is an error, or what is there is normalized. Default error.',
});

export const extraColumns = z.enum(['pass', 'drop', 'error']).optional().meta({
  description:
    'A column that was not fitted passes through unchanged, is dropped, or is an error. Default pass, with a warning.',
});

export const arrayColumns = z
  .array(z.union([z.string(), z.int()]))
  .min(1)
  .optional()
  .meta({ description: 'Of an array: which columns of the fitted table it has, in its order.' });

export const include = z
  .array(z.enum(['data', 'fitted', 'statistics']))
  .optional()
  .meta({ description: 'What to return; the rest is not computed. Default all.' });

export const outputDtype = z.enum(floatDtypes).optional().meta({
  description: 'The dtype of the output. Default: floats keep their dtype, integers and booleans give float64.',
});

export const normalizer = Normalizer;

export const fitted = FittedDocument;

const perSlice = z
  .unknown()
  .meta({ description: 'One number, or nested lists in the shape of the data without the reduced axes.' });

export const Histogram = z.object({ counts: perSlice, edges: perSlice }).meta({
  id: 'Histogram',
  description: 'Bin counts and bin edges, as numpy.histogram returns them: one more edge than counts.',
});

/** A statistics object in a response. */
export const Statistics = z
  .object({
    columns: z.array(z.string()).optional().meta({ description: "Of a table: its columns, in the statistics' order." }),
    nobs: perSlice,
    minmax: z.array(perSlice),
    mean: perSlice,
    variance: perSlice,
    skewness: perSlice,
    kurtosis: perSlice,
    nan_count: perSlice,
    zero_count: perSlice,
    quantiles: perSlice.optional(),
    histogram: Histogram.optional(),
  })
  .meta({ id: 'Statistics', description: 'Statistics of a tensor, named as in scipy.stats.describe.' });

export const Warning = z
  .looseObject({
    code: z.string().meta({
      description:
        'Among others: scale_lost, depends_on_batch_size, constant_slices, all_nan_slices, outliers_dominate, heavy_tails, near_constant, sentinels, sparsity_destroyed, out_of_range, unseen_groups, range_suspicious, ambiguous_axis, precision_loss, overflow (values or parameters that came out infinite), outside_domain (values outside the domain of the formula).',
    }),
    message: z.string(),
    count: z.number().optional(),
    slices: z.array(z.unknown()).optional(),
    columns: z.array(z.string()).optional().meta({ description: 'Of a table: the columns by name.' }),
    parameters: z.array(z.string()).optional(),
    values: z.array(z.number()).optional(),
  })
  .meta({ id: 'Warning', description: 'Something worth knowing about the result. A warning never fails a request.' });

export const ProblemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'An RFC 9457 error: what is wrong, where, and what would be right.' });

/** The schema of an error response. A new object each time, because Fastify marks the schemas it has seen. */
export function problemResponse(
  description: string,
  schema: z.ZodType = ProblemDocument,
  examples?: Record<string, { value: object }>,
): object {
  return { description, content: { 'application/problem+json': { schema, ...(examples && { examples }) } } };
}

/** The error responses of every call. */
export function failures(): Record<string, object> {
  return {
    '4XX': problemResponse('The request is wrong: what, and where', ProblemDocument, clientProblems),
    '5XX': problemResponse('The service failed or is temporarily unavailable', ProblemDocument, serverProblems),
  };
}
