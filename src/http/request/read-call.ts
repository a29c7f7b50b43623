import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { TransformRecorder } from '#engine/monitoring/transform-recorder.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { StatisticsOptions } from '#statistics/options.ts';
import { fittedFromJson } from '#formats/json/fitted/fitted-document.ts';
import { decodeJsonTensor } from '#formats/json/parse-tensor.ts';
import { type Format, type WrittenFormat, writerOf } from '#formats/formats.ts';
import type { TableSource } from '#formats/table-source.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { Call } from '#engine/plan-call.ts';
import { isTaken, withWeights } from './per-sample-members.ts';
import { readBody } from './read-body.ts';
import type { ServiceContext } from '#http/context.ts';
import { limitElements } from './element-limit.ts';
import { validate } from '#formats/validate.ts';
import type { Body } from '#formats/reader.ts';
import { chooseFormat } from '#http/headers/accept.ts';
import { membersFromQuery } from './query-members.ts';
import {
  arrayColumns,
  extraColumns,
  fitted,
  groups,
  include,
  missingColumns,
  normalizer,
  outputDtype,
  sampleWeight,
  statistics,
} from '#http/openapi/schemas.ts';

const profile = z
  .boolean()
  .optional()
  .meta({ description: 'Whether fitted keeps what the data were like, to compare others with them. Default false.' });

const members = { statistics, include, output_dtype: outputDtype };

const columnMembers = { missing_columns: missingColumns, extra_columns: extraColumns };

// The members of a request beside `data`, for each call that takes data. A route that has the normalizer or the fitted
// document from elsewhere omits that member: `transformMembers.omit({ fitted: true })`.
export const normalizeMembers = z.strictObject({
  normalizer,
  sample_weight: sampleWeight,
  groups,
  profile,
  ...members,
});
export const fitMembers = z.strictObject({
  normalizer,
  sample_weight: sampleWeight,
  groups,
  statistics,
  include,
  profile,
});
export const transformMembers = z.strictObject({ fitted, groups, ...members, ...columnMembers });
export const inverseMembers = z.strictObject({
  fitted,
  groups,
  output_dtype: outputDtype,
  columns: arrayColumns,
  ...columnMembers,
});
export const describeMembers = z.strictObject({ statistics });

/** The data of a request, and its members beside them, checked: before it is known what is to be done with the data. */
export interface ReadData<Envelope = Record<string, unknown>> {
  envelope: Envelope;
  /** Absent where the data are a table. */
  input?: TensorInput;
  table?: TableSource;
  small: Body['small'];
  /** What the reader of an array found. */
  warnings?: Body['warnings'];
  /** Whether `columns` came in the query, where numbers may be names. */
  isColumnsInQuery: boolean;
  /** Whether the request says what statistics are computed over. */
  hasStatisticsAxis: boolean;
}

/** What a request with data says. */
export interface DataRequest<Members extends z.ZodObject, Name extends Format> extends ReadData<z.output<Members>> {
  /** The format that the answer shall have. */
  format: Name;
  /** The member `fitted`, where it was read already; it is not in the envelope then. */
  fitted?: Fitted;
}

/** A requested call, ready for `sendAnswer` (see answer-call.ts). */
export interface ReadCall {
  call: Call;
  format: WrittenFormat;
  input: TensorInput;
  small: Body['small'];
  /** What the values of a transform are counted in. */
  recorder?: TransformRecorder;
}

/** What the route supplies in place of the client. */
export interface RouteSupplied {
  /** For `transform` and `inverse-transform`: a stored normalizer. */
  fitted?: Fitted;
  /** For `normalize` and `fit`: the normalizer of a distributed fit. */
  normalizer?: CommonOptions;
}

/**
 * Reads a request with data in any format. The first of three steps, of which each route uses as many as it needs:
 *
 * 1. `readDataCall` reads Accept, query, body and the members beside `data`, and checks these by `members`. `/v1/compare`
 *    has a list of normalizers there, and continues by itself with the input.
 * 2. `buildCall` makes a `Call` of the checked members and of what the route supplies: `{ fitted }` for a stored
 *    normalizer, `{ normalizer }` for a part of a distributed fit.
 * 3. `sendAnswer` (answer-call.ts) runs the call and sends its answer; or the route runs `runCall` and stores the result.
 *
 * @param answers formats of the call, the default first
 * @throws Problem not_acceptable, then what is wrong with the query, the body and their members; streamed data are read
 *   later, while the call runs
 */
export async function readDataCall<Members extends z.ZodObject, Name extends Format>(
  request: FastifyRequest,
  shape: { members: Members; answers: readonly Name[] },
  resources: ServiceContext,
): Promise<DataRequest<Members, Name>> {
  const format = chooseFormat(request, shape.answers);
  return { format, ...(await checkRequest(await readRequest(request, resources), shape.members, resources)) };
}

/** The body of a request, with the members of its query among its own. */
export interface RequestBody extends Body {
  isColumnsInQuery: boolean;
}

/**
 * Reads the data of a request and its unchecked members, from query and body together.
 * @param mayBeEmpty whether the body may be missing
 */
export async function readRequest(
  request: FastifyRequest,
  resources: ServiceContext,
  mayBeEmpty = false,
): Promise<RequestBody> {
  const options = request.query as Record<string, string>;
  const query = membersFromQuery(options);
  const isEmpty = mayBeEmpty && !hasBody(request);
  const body: Body = isEmpty ? { envelope: {} } : await readBody(request, resources, { options });
  for (const name of body.consumedQuery ?? []) delete query[name];
  const input = body.input && limitElements(body.input, resources.elementLimit);
  return { ...body, input, envelope: joined(query, body.envelope), isColumnsInQuery: 'columns' in options };
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Checks the result of `readRequest` for a call that needs data. */
export async function checkRequest<Members extends z.ZodObject>(
  read: RequestBody,
  members: Members,
  resources: ServiceContext,
): Promise<Omit<DataRequest<Members, Format>, 'format'>> {
  const { fitted } = read;
  const { statistics } = read.envelope;
  const hasStatisticsAxis = typeof statistics === 'object' && statistics !== null && 'axis' in statistics;
  const envelope = fitted ? checkWithoutFitted(members, read.envelope) : validate(members, read.envelope);
  const body = await withWeights(read, members, envelope, resources);
  if (body.sampleWeight) Object.assign(envelope, { sample_weight: body.sampleWeight });
  for (const name of ['groups', 'labels', 'folds'] as const) {
    const values = body[name];
    if (values && isTaken(name, members, envelope, body)) Object.assign(envelope, { [name]: values });
  }
  const { input, table, small, warnings } = body;
  if (!input && !table) throw problemAt('invalid_request', '/data', 'The member data is missing.');
  const { isColumnsInQuery } = read;
  return { envelope, fitted, input, table, small, warnings, isColumnsInQuery, hasStatisticsAxis };
}

/** Checks the members beside a fitted document that has been parsed already, and whether the call accepts one. */
function checkWithoutFitted<Members extends z.ZodObject>(
  members: Members,
  { fitted, ...rest }: Body['envelope'],
): z.output<Members> {
  if (!('fitted' in members.shape)) return validate(members, { fitted, ...rest });
  // In its place, so that a message lists it among the members that there are.
  const { fitted: _, ...checked } = validate(members.extend({ fitted: z.unknown() }), { fitted, ...rest });
  return checked as z.output<Members>;
}

/** The members of query and body together; none may be in both. */
function joined(query: Record<string, unknown>, body: Record<string, unknown>): Record<string, unknown> {
  const twice = Object.keys(query).find((name) => name in body);
  if (twice) throw problemAt('invalid_request', `/${twice}`, `${twice} is given in the query and in the body.`);
  return { ...query, ...body };
}

/** Builds the call from checked members, without what the response format cannot hold. */
export function buildCall(
  operation: Call['operation'],
  envelope: Record<string, unknown>,
  format: WrittenFormat,
  given: RouteSupplied = {},
): Call {
  const parsed = envelope as Partial<z.output<typeof normalizeMembers> & z.output<typeof transformMembers>>;
  const { holds } = writerOf(format);
  const wanted = holds.filter((part) => parsed.include?.includes(part) ?? true);
  const describes =
    holds.includes('statistics') &&
    operation !== 'inverse-transform' &&
    (operation === 'describe' || wanted.includes('statistics'));
  const asked = parsed.statistics ?? true;
  return {
    operation,
    normalizer: given.normalizer ?? parsed.normalizer,
    fitted: given.fitted ?? (parsed.fitted && fittedFromJson(parsed.fitted)),
    statistics: describes && asked !== false && (asked === true ? StatisticsOptions.parse({}) : asked),
    // A format that holds only data returns these, whatever was requested.
    include: holds.length > 1 ? wanted : holds,
    profile: parsed.profile,
    outputDtype: parsed.output_dtype,
    // A name is that of a column, and read with the data.
    sampleWeight:
      parsed.sample_weight === undefined || typeof parsed.sample_weight === 'string'
        ? undefined
        : readWeights(parsed.sample_weight),
  };
}

function readWeights(value: unknown): Float64Array {
  if (value instanceof Float64Array) return value;
  const { tensor, form } = decodeJsonTensor(value, '/sample_weight');
  if (form === 'nested' && tensor.shape.length === 1) return new Float64Array(tensor.buffer);
  throw problemAt('invalid_weights', '/sample_weight', 'sample_weight must be a list with one number per sample.');
}
