import { inlineJsonBytes } from '#formats/json/read.ts';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { Problem, problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { toSource } from '#tensor/source.ts';
import { datatypeOf, textDatatype } from '#formats/oip/datatypes.ts';
import {
  type BinaryTensor,
  binaryTensor,
  bytesAfter,
  type Inference,
  type InferenceBody,
  InferenceRequest,
  inferenceOf,
  onlyInput,
  rawTensor,
} from '#formats/oip/request.ts';
import type { InputColumn } from '#formats/oip/columns/input-column.ts';
import { areColumns, noList, readColumns } from '#formats/oip/columns/read-columns.ts';
import { type DecodedInference, decodeInference, parseInferenceTask } from '#formats/oip/parse-request.task.ts';
import type { ServiceContext } from '#http/context.ts';
import { type ByteReader, readBytes, tooLarge } from '#formats/stream/byte-reader.ts';
import { reserveJson } from '#formats/json/reserve-json.ts';
import { validate } from '#formats/validate.ts';
import { codingOf, decodedStream } from '#formats/stream/decompress.ts';
import type { WholeBody } from '#formats/stream/whole-body.ts';
import { readArray } from '#formats/array-body.ts';
import type { Body } from '#formats/reader.ts';

/** The codings that the protocol's clients know; deflate is the one with zlib's framing. */
const codings = ['gzip', 'deflate'];

/** An inference request on one tensor; a large binary one is still being read. */
export interface ReadTensor {
  inference: Inference;
  input: NonNullable<Body['input']>;
  small: Body['small'];
}

/** An inference request on the columns of a table. */
export interface ReadColumns {
  inference: Inference;
  request: InferenceBody;
  columns: InputColumn[];
  rows: number;
}

/**
 * Reads an inference request: JSON, JSON followed by the tensors' bytes, or in raw mode only the bytes of one. Only the
 * header Inference-Header-Content-Length says which, because clients send any Content-Type, or none.
 * @param fitted the model, which determines dtype and shape in raw mode, and the names of columns
 * @throws Problem for what is wrong with it
 */
export async function readInference(
  request: FastifyRequest,
  fitted: Fitted,
  resources: ServiceContext,
): Promise<ReadTensor | ReadColumns> {
  const { limit } = resources;
  const { headers, body } = request;
  const coding = codingOf(headers);
  const reader = readBytes(decodedStream(body as Readable | WholeBody, coding, codings));
  const length = coding === 'identity' ? Number(headers['content-length'] ?? Number.NaN) : Number.NaN;
  const headerLength = headerLengthOf(headers, length);
  if (headerLength === 0) {
    const inference: Inference = { operation: 'transform', binaryOutput: true };
    return { inference, ...(await readRaw(reader, fitted, length, resources)) };
  }
  if ((headerLength ?? length) > limit) throw tooLarge(limit);
  const json = headerLength === undefined ? await reader.rest(limit, length || 0) : await reader.take(headerLength);
  if (headerLength !== undefined && json.length < headerLength) throw headerTooLong(headerLength, json.length);
  const small = json.length <= inlineJsonBytes;
  // Before the JSON: a worker takes it away.
  const announcesBytes = headerLength === undefined && Buffer.from(json.buffer).includes('"binary_data_size"');
  const { head, inputs } = await decode().catch((error: unknown) => {
    throw announcesBytes && error instanceof Problem && error.code === 'invalid_json' ? headerMissing() : error;
  });
  const checked = validate(InferenceRequest, head);
  const inference = inferenceOf(checked);
  const follows = headerLength === undefined ? 0 : length - headerLength;
  if (areColumns(checked, fitted)) {
    const columns = await readColumns(reader, checked, inputs, { follows, limit });
    await expectEnd(reader);
    return { inference, request: checked, ...columns };
  }
  const { input, binaryOutput = inference.binaryOutput } = onlyInput(checked);
  const asked = { ...inference, binaryOutput };
  const [{ hasData, data }] = inputs;
  const size = bytesAfter(input, hasData, '/inputs/0');
  if (size !== undefined && input.datatype !== textDatatype) {
    const tensor = binaryTensor(input.datatype, input.shape, size, '/inputs/0');
    checkSize(tensor, follows);
    return { inference: asked, ...(await readBinary(reader, tensor, resources)) };
  }
  if (!data) throw noList('/inputs/0');
  await expectEnd(reader);
  const { tensor, form } = data;
  const source = { source: toSource(tensor), form, inMemory: true };
  return { inference: asked, input: source, small: small ? { tensor, bigEndian: false } : undefined };

  async function decode(): Promise<DecodedInference> {
    return small ? decodeInference(json) : parseLarge(json, resources);
  }
}

async function expectEnd(reader: ByteReader): Promise<void> {
  if (await reader.ended()) return;
  throw new Problem('broken_body', 'The body has bytes after the JSON, but no tensor declares binary_data_size.');
}

function headerMissing(): Problem {
  const detail =
    'The JSON has a binary_data_size, and bytes follow it: the header Inference-Header-Content-Length must tell how many bytes the JSON has.';
  return new Problem('invalid_request', detail);
}

async function parseLarge(json: Uint8Array<ArrayBuffer>, { pool, limit }: ServiceContext) {
  const { buffer } = await reserveJson(json, limit, pool.run);
  return pool.run(parseInferenceTask, { body: buffer, limit, isMeasured: true });
}

/** @param length of the body, NaN if not declared */
function headerLengthOf(headers: IncomingHttpHeaders, length: number): number | undefined {
  const given = headers['inference-header-content-length'];
  if (given === undefined) return undefined;
  const headerLength = /^\d+$/.test(String(given)) ? Number(given) : Number.NaN;
  if (!Number.isSafeInteger(headerLength)) {
    throw new Problem(
      'invalid_request',
      'Inference-Header-Content-Length must be the length in bytes of the JSON before the tensors, or 0 if there is no JSON.',
    );
  }
  if (headerLength > length) throw headerTooLong(headerLength, length);
  return headerLength;
}

function headerTooLong(headerLength: number, length: number): Problem {
  return new Problem(
    'broken_body',
    `Inference-Header-Content-Length is ${headerLength}, but the whole body has only ${length} bytes.`,
  );
}

/** @param follows bytes after the JSON, NaN if not declared */
function checkSize({ size }: BinaryTensor, follows: number): void {
  if (follows === size || Number.isNaN(follows)) return;
  throw problemAt(
    'broken_body',
    '/inputs/0/parameters/binary_data_size',
    `binary_data_size is ${size} bytes, but ${follows} bytes follow the JSON.`,
  );
}

type TensorData = Pick<ReadTensor, 'input' | 'small'>;

/** Reads a raw body, whose length determines the shape of the tensor. */
async function readRaw(
  reader: ByteReader,
  { input }: Fitted,
  length: number,
  resources: ServiceContext,
): Promise<TensorData> {
  const datatype = datatypeOf(input.dtype);
  if (!Number.isNaN(length)) return readBinary(reader, rawTensor(datatype, input.shape, length), resources);
  const whole = await reader.rest(resources.limit, 0);
  return readBinary(readBytes(only(whole)), rawTensor(datatype, input.shape, whole.length), resources);
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Reads a tensor's bytes: a small tensor at once, a large one as a stream. */
async function readBinary(
  reader: ByteReader,
  { dtype, shape }: BinaryTensor,
  resources: ServiceContext,
): Promise<TensorData> {
  const { input, small } = await readArray(reader, { dtype, shape, bigEndian: false }, resources);
  return { input, small };
}
