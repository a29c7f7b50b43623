import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { StatisticsOptions } from '#statistics/options.ts';
import { fittedFromJson } from '#formats/json/fitted-document.ts';
import { decodeJsonTensor } from '#formats/json/parse-tensor.ts';
import { type Format, type WrittenFormat, writerOf } from '#formats/formats.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { Call } from '#engine/plan-call.ts';
import { readBody } from './read-body.ts';
import type { ServiceContext } from '#http/context.ts';
import { limitElements } from './element-limit.ts';
import { sizeOf } from '#formats/stream/array-source.ts';
import { validate } from '#formats/validate.ts';
import type { Body } from '#formats/reader.ts';
import { chooseFormat } from '#http/headers/accept.ts';
import { membersFromQuery } from './query-members.ts';
import { fitted, include, normalizer, outputDtype, sampleWeight, statistics } from '#http/openapi/schemas.ts';

const members = { statistics, include, output_dtype: outputDtype };

// The members of a request beside `data`, for each call that takes data. A route that has the normalizer or the fitted
// document from elsewhere omits that member: `transformMembers.omit({ fitted: true })`.
export const normalizeMembers = z.strictObject({ normalizer, sample_weight: sampleWeight, ...members });
export const fitMembers = z.strictObject({ normalizer, sample_weight: sampleWeight, statistics, include });
export const transformMembers = z.strictObject({ fitted, ...members });
export const inverseMembers = z.strictObject({ fitted, output_dtype: outputDtype });
export const describeMembers = z.strictObject({ statistics });

/** What a request with data says, checked: before it is known what is to be done with the data. */
export interface DataRequest<Members extends z.ZodObject, Name extends Format> {
  /** The format that the answer shall have. */
  format: Name;
  envelope: z.output<Members>;
  /** The member `fitted`, where it was read already; it is not in the envelope then. */
  fitted?: Fitted;
  input: TensorInput;
  small: Body['small'];
}

/** A call as the client asked for it, ready to be answered (see answer-call.ts). */
export interface ReadCall {
  call: Call;
  format: WrittenFormat;
  input: TensorInput;
  small: Body['small'];
}

/** What a route knows that the client then does not send. */
export interface RouteSupplied {
  /** For `transform` and `inverse-transform`: a stored normalizer. */
  fitted?: Fitted;
  /** For `normalize` and `fit`: the normalizer of a fit in parts. */
  normalizer?: CommonOptions;
}

/**
 * Reads a request that brings data, in whatever form: the first of three steps that each route takes as many of as it needs.
 *
 * 1. `readDataRequest`: Accept, query, body and the members beside `data`, checked by `members`. Under `/v1/compare` the
 *    members have a list of normalizers, and the route goes on by itself with the input.
 * 2. `toCall` makes a `Call` of the checked members, and of what the route itself brings: `{ fitted }` for a stored
 *    normalizer, `{ normalizer }` for a part of a fit in parts.
 * 3. `answerCall` (answer-call.ts) answers with it; or the route runs `carryOut` and keeps what it learned.
 *
 * @param answers what the call answers in, the default first
 * @throws Problem not_acceptable, then what the query, the body and their members are wrong in; the data of a stream are
 *   read later, while the call is carried out
 */
export async function readDataCall<Members extends z.ZodObject, Name extends Format>(
  request: FastifyRequest,
  shape: { members: Members; answers: readonly Name[] },
  resources: ServiceContext,
): Promise<DataRequest<Members, Name>> {
  const format = chooseFormat(request, shape.answers);
  return { format, ...(await checkRequest(await readRequest(request, resources), shape.members, resources)) };
}

/**
 * The members of a request, of its query and its body together, before anything is checked; and the data it brings.
 * @param mayBeEmpty whether it makes sense without a body
 */
export async function readRequest(
  request: FastifyRequest,
  resources: ServiceContext,
  mayBeEmpty = false,
): Promise<Body> {
  const options = request.query as Record<string, string>;
  const query = membersFromQuery(options);
  const isEmpty = mayBeEmpty && !hasBody(request);
  const body: Body = isEmpty ? { envelope: {} } : await readBody(request, resources, { options });
  for (const name of body.consumedQuery ?? []) delete query[name];
  const input = body.input && limitElements(body.input, resources.elementLimit);
  return { ...body, input, envelope: joined(query, body.envelope) };
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Checks what `readRequest` read, of a request that must bring data. */
export async function checkRequest<Members extends z.ZodObject>(
  read: Body,
  members: Members,
  resources: ServiceContext,
): Promise<Omit<DataRequest<Members, Format>, 'format'>> {
  const { fitted } = read;
  const envelope = fitted ? checkWithoutFitted(members, read.envelope) : validate(members, read.envelope);
  const body = await withWeights(read, members, envelope, resources);
  if (body.sampleWeight) Object.assign(envelope, { sample_weight: body.sampleWeight });
  if (!body.input) throw problemAt('invalid_request', '/data', 'The member data is missing.');
  return { envelope, fitted, input: body.input, small: body.small };
}

/** Checks the members beside a fitted document that was read already; it is still refused where the call takes none. */
function checkWithoutFitted<Members extends z.ZodObject>(
  members: Members,
  { fitted, ...rest }: Body['envelope'],
): z.output<Members> {
  if (!('fitted' in members.shape)) return validate(members, { fitted, ...rest });
  return validate(members.omit({ fitted: true }), rest) as z.output<Members>;
}

/** The members of the query and of the body together; none may be in both. */
function joined(query: Record<string, unknown>, body: Record<string, unknown>): Record<string, unknown> {
  const twice = Object.keys(query).find((name) => name in body);
  if (twice) throw problemAt('invalid_request', `/${twice}`, `${twice} is given in the query and in the body.`);
  return { ...query, ...body };
}

/**
 * A body with the weights that it holds.
 * @throws Problem where the call takes none, or has others already
 */
async function withWeights(
  body: Body,
  members: z.ZodObject,
  envelope: { normalizer?: CommonOptions; sample_weight?: unknown },
  { limit }: ServiceContext,
): Promise<Body> {
  const taken = 'sample_weight' in members.shape;
  const given = envelope.sample_weight !== undefined;
  const { normalizer } = envelope;
  const wanted = taken && !given && (normalizer ? methodOf(normalizer).weighted : true);
  const size = body.input ? sizeOf(body.input.source) : 0;
  const all = wanted && body.readWithWeights && size <= limit ? await body.readWithWeights() : body;
  if (all.sampleWeight && (given || !taken)) {
    const detail = given ? 'sample_weight is given twice.' : 'This call does not support sample_weight.';
    throw problemAt('invalid_request', '/sample_weight', detail);
  }
  return all;
}

/** The call that checked members ask for; what the format of the answer cannot hold is not asked for. */
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
    // Nothing but the data: then those, whatever else was asked for.
    include: holds.length > 1 ? wanted : holds,
    outputDtype: parsed.output_dtype,
    sampleWeight: parsed.sample_weight === undefined ? undefined : readWeights(parsed.sample_weight),
  };
}

function readWeights(value: unknown): Float64Array {
  if (value instanceof Float64Array) return value;
  const { tensor, form } = decodeJsonTensor(value, '/sample_weight');
  if (form === 'nested' && tensor.shape.length === 1) return new Float64Array(tensor.buffer);
  throw problemAt('invalid_weights', '/sample_weight', 'sample_weight must be a list with one number per sample.');
}
