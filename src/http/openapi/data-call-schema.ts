import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import type { Format } from '#formats/formats.ts';
import { answerContent, requestContent } from './content.ts';
import { failures, TensorDocument } from './schemas.ts';

/** A call that takes data, as the OpenAPI document tells of it. */
export interface DocumentedCall {
  /** The members of the request beside `data`. */
  members: z.ZodObject;
  /** Formats of the answer, the default first. */
  answers: readonly Format[];
  /** The answer in JSON. */
  answer: z.ZodObject;
  /** A request that succeeds. */
  example: Record<string, unknown>;
}

const queryText = z.string().optional();

/** How members of the request are written in the query. */
const inQuery = {
  normalizer: {
    method: queryText.meta({
      description:
        'With a binary body: the method, and its options under their names, as in ?method=minmax&axis=0&feature_range=0,1.',
    }),
  },
  normalizers: {
    normalizers: queryText.meta({
      description: 'With a binary body: the normalizers as JSON, as in ?normalizers=[{"method":"minmax","axis":null}].',
    }),
  },
  statistics: { statistics: queryText.meta({ description: 'true, false, or an object as JSON.' }) },
  include: { include: queryText.meta({ description: 'Names out of data, fitted, statistics, separated by commas.' }) },
  output_dtype: { output_dtype: queryText.meta({ description: 'float16, float32 or float64.' }) },
};

/** What the query says of the format. */
const ofFormat = {
  header: queryText.meta({
    description:
      'With CSV: true or false, whether the first line is a header. By default it is one when a cell of it is no number.',
  }),
};

/** What the query of a call may hold; `check` reads it together with the body. */
function queryOf(members: z.ZodObject) {
  const taken = Object.entries(inQuery).filter(([name]) => name in members.shape);
  return z.looseObject(Object.assign({}, ...taken.map(([, parameters]) => parameters), ofFormat));
}

/** The query, the body and the answers of a call that takes data. */
export function dataSchema({ members, answers, answer, example }: DocumentedCall, status = 200) {
  const body = z.object({ data: TensorDocument, ...members.shape }).meta({ examples: [example] });
  return {
    querystring: queryOf(members),
    body: { content: requestContent(body) },
    response: { [status]: { description: 'The answer', content: answerContent(answer, answers) }, ...failures() },
  } as unknown as FastifyZodOpenApiSchema;
}
