import * as z from 'zod';
import { clientProblems, serverProblems } from './problem-examples.ts';
import { floatDtypes } from '#tensor/dtype.ts';
import { dtypes } from '#tensor/dtype.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import { StatisticsOptions } from '#statistics/options.ts';
import { FittedDocument } from '#formats/json/fitted-document.ts';

const cell = z.union([z.number(), z.null(), z.enum(['NaN', 'Infinity', '-Infinity'])]);

/** The three forms of a tensor in JSON. Only documented here: the wire's decoder reads and checks them in one pass. */
export const TensorDocument = z
  .union([
    z
      .array(z.unknown())
      .meta({ title: 'nested lists', description: 'Row-major nested lists of numbers; read as float64.' }),
    cell.meta({ title: 'rank 0' }),
    z
      .strictObject({
        dtype: z.enum(dtypes),
        shape: z.array(z.int().min(0)).max(8),
        data: z.array(z.union([cell, z.boolean()])),
      })
      .meta({ title: 'flat', description: 'Elements row-major in one list.' }),
    z
      .strictObject({ dtype: z.enum(dtypes), shape: z.array(z.int().min(0)).max(8), base64: z.string() })
      .meta({ title: 'base64', description: 'Little-endian bytes, row-major.' }),
  ])
  .meta({
    id: 'Tensor',
    description:
      'An array of rank 0 to 8 in one of three forms; the answer comes in the form that was sent. null is NaN, and "NaN", "Infinity", "-Infinity" are read.',
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
    type: 'array',
    items: { type: 'number', minimum: 0 },
    description: 'One weight per index of axis 0; taken by zscore.',
  });

export const statistics = z
  .union([z.boolean(), StatisticsOptions])
  .optional()
  .meta({ description: 'true for the default statistics, false for none, or what to describe. Default true.' });

export const include = z
  .array(z.enum(['data', 'fitted', 'statistics']))
  .optional()
  .meta({ description: 'What to return; what is not returned is not computed. Default all.' });

export const outputDtype = z.enum(floatDtypes).optional().meta({
  description: 'The dtype of the output. By default floats keep theirs, integers and booleans give float64.',
});

export const normalizer = Normalizer;

export const fitted = FittedDocument;

const perSlice = z
  .unknown()
  .meta({ description: 'One number, or nested lists in the shape without the reduced axes.' });

export const Histogram = z
  .object({ counts: perSlice, edges: perSlice })
  .meta({ id: 'Histogram', description: 'Counts between edges, one edge more than counts, as numpy.histogram.' });

/** A statistics object as it is returned. */
export const Statistics = z
  .object({
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
  .meta({ id: 'Statistics', description: "A tensor's statistics under the names of scipy.stats.describe." });

export const Warning = z
  .looseObject({
    code: z.string(),
    message: z.string(),
    count: z.number().optional(),
    slices: z.array(z.unknown()).optional(),
  })
  .meta({ id: 'Warning', description: 'Something to know of the result; it never fails a request.' });

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
  .meta({ id: 'Problem', description: 'An error by RFC 9457: what was wrong, where, and what would be right.' });

/** What a response with a problem looks like. A new one each time: Fastify marks the schemas that it has seen. */
export function problemResponse(
  description: string,
  schema: z.ZodType = ProblemDocument,
  examples?: Record<string, { value: object }>,
): object {
  return { description, content: { 'application/problem+json': { schema, ...(examples && { examples }) } } };
}

/** What every call may answer when it cannot do what was asked. */
export function failures(): Record<string, object> {
  return {
    '4XX': problemResponse('What was wrong, and where', ProblemDocument, clientProblems),
    '5XX': problemResponse('The service failed, or takes no more for now', ProblemDocument, serverProblems),
  };
}
