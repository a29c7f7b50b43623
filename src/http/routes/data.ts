import type { FastifyInstance } from 'fastify';
import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import { answersDataCall, type DataCall } from '../answer-call.ts';
import type { Resources } from '../body.ts';
import { answerContent, requestContent } from '../content.ts';
import { fitExample, normalizeExample, transformExample } from '../examples.ts';
import { describeMembers, fitMembers, inverseMembers, normalizeMembers, transformMembers } from '../read-call.ts';
import { failures, fitted, Statistics, TensorDocument, Warning } from '../schemas.ts';

interface DataRoute extends DataCall {
  path: string;
  summary: string;
  description: string;
  answer: z.ZodObject;
  example: Record<string, unknown>;
}

const sides = {
  statistics: z.object({ input: Statistics, output: Statistics }).optional(),
  warnings: z.array(Warning),
};

const routes: DataRoute[] = [
  {
    path: '/v1/normalize',
    operation: 'normalize',
    members: normalizeMembers,
    answers: ['json', 'npy', 'npz'],
    summary: 'Fit a normalizer to a batch and normalize it',
    description:
      'Fits the method to the data and transforms them in one call. Comes back: the normalized array, the fitted document that transform and inverse-transform take, the statistics of input and output, and warnings about what the method loses on these data.',
    answer: z.object({ data: TensorDocument.optional(), fitted: fitted.optional(), ...sides }),
    example: normalizeExample,
  },
  {
    path: '/v1/fit',
    operation: 'fit',
    members: fitMembers,
    answers: ['json', 'npz'],
    summary: 'Fit a normalizer without transforming',
    description:
      'Learns the parameters from the data and returns the fitted document; keep it, and transform other batches with it.',
    answer: z.object({
      fitted: fitted.optional(),
      statistics: z.object({ input: Statistics }).optional(),
      warnings: z.array(Warning),
    }),
    example: fitExample,
  },
  {
    path: '/v1/transform',
    operation: 'transform',
    members: transformMembers,
    answers: ['json', 'npy', 'npz'],
    summary: 'Transform a batch with a fitted normalizer',
    description:
      'Applies a fitted document to new data. Under sample scope each new sample is normalized by itself, and the answer has its own parameters in fitted.',
    answer: z.object({ data: TensorDocument.optional(), fitted: fitted.optional(), ...sides }),
    example: transformExample,
  },
  {
    path: '/v1/inverse-transform',
    operation: 'inverse-transform',
    members: inverseMembers,
    answers: ['json', 'npy', 'npz'],
    summary: 'Take a transform back',
    description:
      'Gives the original values back from transformed ones. Under sample scope the fitted document must be that of the same batch.',
    answer: z.object({ data: TensorDocument }),
    example: transformExample,
  },
  {
    path: '/v1/describe',
    operation: 'describe',
    members: describeMembers,
    answers: ['json'],
    summary: 'Describe the distribution of a batch',
    description:
      'Returns the statistics of the data under the names of scipy.stats.describe, with quantiles and a histogram when asked.',
    answer: z.object({ statistics: Statistics }),
    example: {
      data: [
        [3, 5],
        [6, 10],
        [7, 0],
      ],
      statistics: { quantiles: [0.05, 0.5, 0.95], histogram: { bins: 4 } },
    },
  },
];

const queryText = z.string().optional();

/** How members of the request are written in the query. */
const inQuery = {
  normalizer: {
    method: queryText.meta({
      description:
        'With a binary body: the method, and its options under their names, as in ?method=minmax&axis=0&feature_range=0,1.',
    }),
  },
  statistics: { statistics: queryText.meta({ description: 'true, false, or an object as JSON.' }) },
  include: { include: queryText.meta({ description: 'Names out of data, fitted, statistics, separated by commas.' }) },
  output_dtype: { output_dtype: queryText.meta({ description: 'float16, float32 or float64.' }) },
};

/** What the query of a call may hold; `check` reads it together with the body. */
function queryOf(members: z.ZodObject) {
  const taken = Object.entries(inQuery).filter(([name]) => name in members.shape);
  return z.looseObject(Object.assign({}, ...taken.map(([, parameters]) => parameters)));
}

/** The calls that take data and answer at once. */
export function addDataRoutes(app: FastifyInstance, resources: Resources): void {
  for (const route of routes) {
    const body = z.object({ data: TensorDocument, ...route.members.shape }).meta({ examples: [route.example] });
    const schema = {
      ...{ tags: ['data'], summary: route.summary, description: route.description, operationId: route.path.slice(4) },
      querystring: queryOf(route.members),
      body: { content: requestContent(body) },
      response: {
        200: { description: 'The answer', content: answerContent(route.answer, route.answers) },
        ...failures(),
      },
    } as unknown as FastifyZodOpenApiSchema;
    app.post(route.path, { config: { access: 'read' }, schema, handler: answersDataCall(route, resources) });
  }
}
