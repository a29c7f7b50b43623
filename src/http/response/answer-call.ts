import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type * as z from 'zod';
import { reserveMemory } from '#memory/reservation.ts';
import { hasFittedRange } from '#normalizers/composition/parts.ts';
import { outOfRangeWarning } from '#normalizers/warnings/warnings.ts';
import { countOutside } from '#statistics/drift/bin-counts.ts';
import type { Timeline } from '#telemetry/timeline.ts';
import { formats, type WrittenFormat, writerOf } from '#formats/formats.ts';
import { answerCall, describeAnswer, returnsData } from '#engine/answer-call.ts';
import { recordTensor } from '#engine/monitoring/counting.ts';
import { answerSmallCall } from '#engine/answer-small-call.ts';
import { withSampleCount } from '#engine/unsized-source.ts';
import type { Call } from '#engine/plan-call.ts';
import type { ServiceContext } from '#http/context.ts';
import { type ReadCall, readDataCall, buildCall } from '#http/request/read-call.ts';
import { bindData } from '#http/request/bind-data.ts';
import { spoolResponse } from './spool.ts';
import { tellWarnings, tellWarningsOfStream } from './warnings-header.ts';

/** A call that takes data and answers directly. */
export interface DataCall {
  operation: Call['operation'];
  /** The members of the request beside `data`. */
  members: z.ZodObject;
  /** Response formats, the default first. */
  answers: readonly WrittenFormat[];
}

/** The handler of a call whose request has everything it needs. */
export function dataCallHandler({ operation, members, answers }: DataCall, resources: ServiceContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const read = await readDataCall(request, { members, answers }, resources);
    const { format, envelope, fitted } = read;
    const call = buildCall(operation, envelope, format, { fitted });
    return sendAnswer({ ...(await bindData(call, read, format, resources)), format }, reply, resources);
  };
}

/** Bytes of the blocks in progress at once, and of what becomes of them. */
const streamBytes = 2 ** 24;

/** Runs a call and sends its answer, streamed if the data are large. */
export async function sendAnswer(
  { call: asked, format, input, small, recorder }: ReadCall,
  reply: FastifyReply,
  { pool: shared, limit }: ServiceContext,
): Promise<FastifyReply> {
  const pool = shared.withSignal(reply.request.cancelled);
  reply.type(formats[format].type);
  if (small) {
    const { form, columns, table } = input;
    const whole = await answerSmallCall({ call: asked, ...small, form, columns, table, format }, pool.run);
    if (recorder)
      noteCounted(reply.request.timeline, asked, recordTensor(recorder, small.tensor, small.bigEndian, form));
    if (format !== 'json') tellWarnings(reply);
    return reply.send(typeof whole === 'string' ? whole : Buffer.from(whole.buffer));
  }
  reserveMemory(streamBytes, 'A stream');
  const call = recorder ? { ...asked, recorder } : asked;
  const { countsFirst, length: lengthOf } = writerOf(format);
  const data = await withSampleCount(call, input, limit, countsFirst?.({ hasData: returnsData(call) }));
  const pieces = await toResponseStream(answerCall(call, data, format, pool.run, limit), reply, limit);
  const length = lengthOf?.(describeAnswer(call, data));
  if (format === 'json') return reply.send(pieces);
  tellWarningsOfStream(reply, pieces, length);
  return reply.send(pieces);
}

/** Where the statistics did not look for values out of range, the warnings tell those that were counted. */
export function noteCounted(timeline: Timeline, { statistics, fitted }: Call, counts: Float64Array): void {
  if (statistics !== false || !fitted || !hasFittedRange(fitted.normalizer)) return;
  const count = countOutside(counts);
  if (count > 0) timeline.warnings = [...(timeline.warnings ?? []), outOfRangeWarning(count)];
}

/**
 * Waits for the first piece of an answer, until which an error can still become an error response, and returns the
 * stream.
 * @param limit maximum bytes of the request in memory
 */
export async function toResponseStream(
  pieces: AsyncGenerator<Uint8Array, unknown>,
  reply: FastifyReply,
  limit: number,
): Promise<Readable> {
  const first = await pieces.next();
  const { raw, log } = reply.request;
  const onNoRoom = (err: unknown) =>
    log.warn({ err }, 'cannot write a response to a temporary file; keeping it in memory');
  const response = reply.raw;
  let isDirect = false;
  // A compressor in between may still be processing what it has read.
  response.once('pipe', (source) => (isDirect = source === stream));
  const unsent = () => (isDirect && !response.destroyed ? response.writableLength : Infinity);
  const stream = spoolResponse(resume(first, pieces), () => raw.complete, limit, onNoRoom, unsent);
  return stream;
}

/** The pieces, including the first one that was already read. */
async function* resume(
  first: IteratorResult<Uint8Array, unknown>,
  rest: AsyncGenerator<Uint8Array, unknown>,
): AsyncGenerator<Uint8Array, void> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
