import { Problem } from '#errors.ts';
import { free } from '#memory/free.ts';
import type { Tensor, TensorHeader } from '#tensor/tensor.ts';
import { isObject } from '#formats/json/is-object.ts';
import { quoteNonFinite } from '#formats/json/quote-non-finite.ts';
import { decodeElements, tensorOfLists } from '#formats/json/parse-tensor.ts';
import { defineTask } from '#pool/task.ts';
import { binaryOnly, datatypes } from './datatypes.ts';
import { InferenceInput } from './request.ts';
import { checkEnvelope, bigintReviver, parseJson, decodeUtf8 } from '#formats/json/parse-body.ts';
import { placeholder, parseAroundLists } from '#formats/json/splice-lists.ts';
import { checkHeapSize, decodeUtf8AndFree } from '#formats/json/body-text.ts';

interface DecodeInferenceTask {
  /** The JSON of a request of the Open Inference Protocol, UTF-8. */
  body: ArrayBuffer;
  /** Maximum bytes of the request in memory. */
  limit: number;
  /** Whether the body was measured already and is within the limit. */
  isMeasured?: boolean;
}

export interface DecodedInference {
  /** The request without the data of its inputs. */
  head: unknown;
  /** Whether the first input has data in the JSON. */
  hasData: boolean;
  /** These data, if datatype and shape are valid; otherwise the schema reports what is wrong. */
  data?: { tensor: Tensor; form: 'nested' | 'flat' };
}

export function parseLargeInference({ body, limit, isMeasured }: DecodeInferenceTask): DecodedInference {
  if (!isMeasured) checkHeapSize(body, limit);
  const decoded = parseAroundLists(body, inferenceAround);
  if (!decoded) return inferenceIn(decodeUtf8AndFree(body));
  free(body);
  return decoded;
}

function inferenceAround(around: Buffer, lists: Tensor): DecodedInference | undefined {
  const { head, data } = takeData(parseJson(decodeUtf8(around)));
  if (data !== placeholder) return undefined;
  checkEnvelope(head);
  const header = headerOf(head);
  const found = header && tensorOfLists(header, lists, '/inputs/0/data');
  return found && { head, hasData: true, data: found };
}

/**
 * Parses a request and reads the data of its first input, as a tensor.
 * @throws Problem invalid_json, or what is wrong with the tensor
 */
export function decodeInference(body: Uint8Array): DecodedInference {
  return inferenceIn(decodeUtf8(body));
}

function inferenceIn(json: string): DecodedInference {
  const { value, text } = parseLenient(json);
  const { head, data } = takeData(value);
  checkEnvelope(head);
  if (data === undefined) return { head, hasData: false };
  const header = headerOf(head);
  if (!header || !Array.isArray(data)) return { head, hasData: true };
  try {
    return { head, hasData: true, data: decodeElements(header, data, '/inputs/0/data') };
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'not_exact')) throw error;
    // JSON.parse rounds integers beyond 2^53: parse again, more slowly but exactly.
    const exact = takeData(JSON.parse(text, bigintReviver)).data as unknown[];
    return { head, hasData: true, data: decodeElements(header, exact, '/inputs/0/data', true) };
  }
}

/** Dtype and shape of the data in the JSON; undefined if they are missing or invalid. */
function headerOf(head: unknown): TensorHeader | undefined {
  const { data: input } = InferenceInput.safeParse(firstInput(head));
  if (!input || binaryOnly.includes(input.datatype)) return undefined;
  return { dtype: datatypes[input.datatype], shape: input.shape };
}

/** Accepts bare NaN and infinities, as Python writes them, if the text is not valid JSON. */
function parseLenient(text: string): { value: unknown; text: string } {
  try {
    return { value: parseJson(text), text };
  } catch (error) {
    const quoted = quoteNonFinite(text);
    if (quoted === text) throw error;
    return { value: parseJson(quoted), text: quoted };
  }
}

/** Separates the data of the first input from the rest of the request. */
function takeData(body: unknown): { head: unknown; data?: unknown } {
  const request = asRequest(body);
  if (!isObject(request) || !Array.isArray(request.inputs)) return { head: request };
  const data = firstInput(request)?.data ?? undefined;
  const inputs = request.inputs.map((input: unknown) => {
    if (!isObject(input)) return input;
    const { data: _, ...rest } = input;
    return rest;
  });
  return { head: { ...request, inputs }, data };
}

/** In a graph of models one gets the answer of another, as it is: its outputs are the inputs here. */
function asRequest(body: unknown): unknown {
  if (!isObject(body) || (body.inputs ?? undefined) !== undefined || !Array.isArray(body.outputs)) return body;
  if (!body.outputs.some((output: unknown) => isObject(output) && 'datatype' in output)) return body;
  const { outputs, ...rest } = body;
  return { ...rest, inputs: outputs };
}

function firstInput(request: unknown): Record<string, unknown> | undefined {
  const first = isObject(request) && Array.isArray(request.inputs) ? (request.inputs[0] as unknown) : undefined;
  return isObject(first) ? first : undefined;
}

export const parseInferenceTask = defineTask({
  name: 'parse_inference',
  run: parseLargeInference,
  transfers: ({ body }) => [body],
  phase: 'decode',
});
