import { dataFormats } from '#formats/formats.ts';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { dataCallHandler, type DataCall } from '#http/response/answer-call.ts';
import type { ServiceContext } from '#http/context.ts';
import { dataSchema, type DocumentedCall } from '#http/openapi/data-call-schema.ts';
import { fitExample, normalizeExample, transformExample } from '#http/openapi/request-examples.ts';
import {
  describeMembers,
  fitMembers,
  inverseMembers,
  normalizeMembers,
  transformMembers,
} from '#http/request/read-call.ts';
import { fitted, Statistics, TensorDocument, Warning } from '#http/openapi/schemas.ts';

export interface DataRoute extends DataCall, Omit<DocumentedCall, 'answers'> {
  /** The last part of the path, and the operation's id. */
  name: string;
  summary: string;
  description: string;
}

const sides = {
  statistics: z.object({ input: Statistics, output: Statistics }).optional(),
  warnings: z.array(Warning),
};

/** The calls that apply a fitted document; stored normalizers have the same calls. */
export const transformRoute: DataRoute = {
  name: 'transform',
  operation: 'transform',
  members: transformMembers,
  answers: dataFormats,
  summary: 'Transform a batch with a fitted normalizer',
  description:
    'Applies a fitted document to new data. Under sample scope each new sample is normalized by itself, and fitted in the response has the parameters of these samples.',
  answer: z.object({ data: TensorDocument.optional(), fitted: fitted.optional(), ...sides }),
  example: transformExample,
};

export const inverseRoute: DataRoute = {
  name: 'inverse-transform',
  operation: 'inverse-transform',
  members: inverseMembers,
  answers: dataFormats,
  summary: 'Take a transform back',
  description:
    'Restores the original values from transformed ones. Under sample scope the fitted document must belong to the same batch.',
  answer: z.object({ data: TensorDocument, warnings: z.array(Warning) }),
  example: transformExample,
};

const routes: DataRoute[] = [
  {
    name: 'normalize',
    operation: 'normalize',
    members: normalizeMembers,
    answers: dataFormats,
    summary: 'Fit a normalizer to a batch and normalize it',
    description:
      'Fits the normalizer to the data and transforms them in one call. Returns the normalized array, the fitted document for transform and inverse-transform, the statistics of input and output, and warnings about what the method loses on these data.',
    answer: z.object({ data: TensorDocument.optional(), fitted: fitted.optional(), ...sides }),
    example: normalizeExample,
  },
  {
    name: 'describe',
    operation: 'describe',
    members: describeMembers,
    answers: ['json', 'svg'],
    summary: 'Describe the distribution of a batch',
    description:
      'Returns statistics named as in scipy.stats.describe, with quantiles and a histogram on request. Accept: image/svg+xml draws the distribution of the whole array.',
    answer: z.object({
      statistics: Statistics.optional().meta({ description: 'Absent if the request has statistics: false.' }),
      warnings: z.array(Warning).optional(),
    }),
    example: {
      data: [
        [3, 5],
        [6, 10],
        [7, 0],
      ],
      statistics: { quantiles: [0.05, 0.5, 0.95], histogram: { bins: 4 } },
    },
  },
  {
    name: 'fit',
    operation: 'fit',
    members: fitMembers,
    answers: ['json', 'npz'],
    summary: 'Fit a normalizer without transforming',
    description: 'Learns the parameters from the data and returns the fitted document, which transforms other batches.',
    answer: z.object({
      fitted: fitted.optional(),
      statistics: z.object({ input: Statistics }).optional(),
      warnings: z.array(Warning),
    }),
    example: fitExample,
  },
  transformRoute,
  inverseRoute,
];

/** The calls that take data and answer directly. */
export function addDataRoutes(app: FastifyInstance, resources: ServiceContext): void {
  for (const route of routes) {
    const { name, summary, description } = route;
    const schema = { tags: ['data'], summary, description, operationId: name, ...dataSchema(route) };
    app.post(`/v1/${name}`, { config: { access: 'read' }, schema, handler: dataCallHandler(route, resources) });
  }
}
