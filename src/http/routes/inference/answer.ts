import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Problem } from '#errors.ts';
import { outputShape } from '#normalizers/composition/output-columns.ts';
import { binaryOnly, datatypeOf, defaultInferenceOutput } from '#formats/oip/datatypes.ts';
import { binaryFrame, type Frame, type InferenceAnswer, jsonFrame } from '#formats/oip/response.ts';
import { prepend } from '#formats/writer.ts';
import { answerCall } from '#engine/answer-call.ts';
import { recordTensor } from '#engine/monitoring/counting.ts';
import { answerSmallCall } from '#engine/answer-small-call.ts';
import type { Call } from '#engine/plan-call.ts';
import { noteCounted, toResponseStream } from '#http/response/answer-call.ts';
import type { ServiceContext } from '#http/context.ts';
import type { CachedNormalizer } from '#http/normalizer-cache.ts';
import { tellWarnings, tellWarningsOfStream, writeWarnings } from '#http/response/warnings-header.ts';
import { compressIfAccepted } from './compress.ts';
import type { ReadTensor } from './read-request.ts';

/** Runs an inference and sends its response, streamed if the data are large. */
export async function answerInference(
  { version, fitted, recorder: own }: CachedNormalizer,
  { inference, input, small }: ReadTensor,
  reply: FastifyReply,
  { pool, limit }: ServiceContext,
): Promise<FastifyReply> {
  const { id, operation, binaryOutput } = inference;
  const { dtype: inputDtype, shape } = input.source;
  const dtype = inference.outputDtype ?? defaultInferenceOutput(inputDtype, binaryOutput);
  if (!binaryOutput && binaryOnly.includes(datatypeOf(dtype))) {
    const detail = `${datatypeOf(dtype)} cannot be returned as JSON: ask for binary output with parameters.binary_data_output.`;
    throw new Problem('invalid_request', detail);
  }
  const recorder = operation === 'transform' ? own : undefined;
  const call: Call = { operation, fitted, statistics: false, include: ['data'], outputDtype: dtype };
  const answer: InferenceAnswer = {
    model_name: version.name,
    model_version: String(version.version),
    id,
    dtype,
    shape: outputShape({ operation, fitted }, shape),
  };
  const frameOf = binaryOutput ? binaryFrame : jsonFrame;
  const format = binaryOutput ? 'oip_binary' : 'oip_json';
  if (small) {
    const numbers = await answerSmallCall({ call, ...small, form: input.form, format }, pool.run);
    const { timeline } = reply.request;
    if (recorder) noteCounted(timeline, call, recordTensor(recorder, small.tensor, small.bigEndian, input.form));
    const bytes = typeof numbers === 'string' ? Buffer.from(numbers) : numbers;
    tellWarnings(reply);
    const warnings = timeline.warnings?.length ? writeWarnings(timeline.warnings) : undefined;
    const frame = frameOf({ ...answer, warnings });
    return sendFramed(frame, Buffer.concat([frame.opening, bytes, frame.closing]), reply);
  }
  const frame = frameOf(answer);
  const pieces = framed(frame, answerCall({ ...call, recorder }, input, format, pool.run, limit));
  const stream = await toResponseStream(pieces, reply, limit);
  const length = frame.size === undefined ? undefined : frame.opening.length + frame.size;
  tellWarningsOfStream(reply, stream, length);
  return sendFramed(frame, stream, reply);
}

async function sendFramed({ opening, size }: Frame, body: Buffer | Readable, reply: FastifyReply) {
  const isBinary = size !== undefined;
  reply.type(isBinary ? 'application/octet-stream' : 'application/json');
  if (isBinary) reply.header('Inference-Header-Content-Length', opening.length);
  if (isBinary && Buffer.isBuffer(body)) reply.header('content-length', body.length);
  return reply.send(await compressIfAccepted(body, isBinary, reply));
}

/** The pieces within their frame. An error of the first piece is thrown before the opening. */
async function* framed(frame: Frame, pieces: AsyncGenerator<Uint8Array, unknown>): AsyncGenerator<Uint8Array, void> {
  yield* prepend(frame.opening, pieces);
  yield frame.closing;
}
