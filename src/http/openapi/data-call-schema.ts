import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import type { Format } from '#formats/formats.ts';
import { answerContent, requestContent } from './content.ts';
import { failures, TensorDocument } from './schemas.ts';

/** A call that takes data, as described in the OpenAPI document. */
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

/** Request members as query parameters. */
const inQuery = {
  normalizer: {
    method: queryText.meta({
      description:
        'With a binary body: the method; its options are query parameters as well, as in ?method=minmax&axis=0&feature_range=0,1.',
    }),
  },
  normalizers: {
    normalizers: queryText.meta({
      description: 'With a binary body: the normalizers as JSON, as in ?normalizers=[{"method":"minmax","axis":null}].',
    }),
  },
  statistics: { statistics: queryText.meta({ description: 'true, false, or the statistics options as JSON.' }) },
  include: { include: queryText.meta({ description: 'A comma-separated list of data, fitted, statistics.' }) },
  output_dtype: { output_dtype: queryText.meta({ description: 'float16, bfloat16, float32 or float64.' }) },
  sample_weight: {
    sample_weight: queryText.meta({ description: 'Numbers separated by commas, or the name of a column.' }),
  },
  missing_columns: { missing_columns: queryText.meta({ description: 'error or ignore.' }) },
  extra_columns: { extra_columns: queryText.meta({ description: 'pass, drop or error.' }) },
  columns: {
    columns: queryText.meta({
      description:
        'Of an array: which columns of the fitted table it has, separated by commas or as a list in JSON, as in ?columns=price.',
    }),
  },
  description: { description: queryText.meta({ description: 'What the version is, for people.' }) },
  tags: { tags: queryText.meta({ description: 'As JSON: {"team": "risk"}.' }) },
  breaking: { breaking: queryText.meta({ description: 'true where the version may take other data.' }) },
  dry_run: { dry_run: queryText.meta({ description: 'true to store nothing.' }) },
  profile: { profile: queryText.meta({ description: 'Whether the document keeps a profile of the data.' }) },
  base: { base: queryText.meta({ description: 'The version that the data are merged into.' }) },
  if_version: { if_version: queryText.meta({ description: 'The number that this version must have.' }) },
  alpha: { alpha: queryText.meta({ description: 'The significance level.' }) },
};

/** Query parameters about the format of the body. */
const ofFormat = {
  header: queryText.meta({
    description:
      'With CSV: true or false, whether the first line is a header. By default it is one when a cell of it is neither a number nor a word for a missing value.',
  }),
  delimiter: queryText.meta({ description: 'With CSV: what separates cells; found in the first lines by default.' }),
  decimal: queryText.meta({ description: 'With CSV: . or , before the fraction of a number.' }),
  array: queryText.meta({ description: 'With npz: the array that is the data, where it is not called data.' }),
};

/** The query parameters of a call; `validate` checks them together with the body. */
function queryOf(members: z.ZodObject) {
  const taken = Object.entries(inQuery).filter(([name]) => name in members.shape);
  return z.looseObject(Object.assign({}, ...taken.map(([, parameters]) => parameters), ofFormat));
}

/** The schema of a call that takes data: query, body and responses. */
export function dataSchema({ members, answers, answer, example }: DocumentedCall, status = 200) {
  const body = z.object({ data: TensorDocument, ...members.shape }).meta({ examples: [example] });
  return {
    querystring: queryOf(members),
    body: { content: requestContent(body) },
    response: { [status]: { description: 'The result', content: answerContent(answer, answers) }, ...failures() },
  } as unknown as FastifyZodOpenApiSchema;
}
