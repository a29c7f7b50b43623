import { Problem, problemAt } from '#errors.ts';
import { free } from '#memory/free.ts';
import { elementCount } from '#tensor/shape.ts';
import type { Tensor, TensorHeader } from '#tensor/tensor.ts';
import { isObject } from '#formats/json/is-object.ts';
import { quoteNonFinite } from '#formats/json/quote-non-finite.ts';
import { decodeElements, tensorOfLists } from '#formats/json/parse-tensor.ts';
import { defineTask } from '#pool/task.ts';
import { type CarriedColumn, carriedFromTexts } from '#tensor/carried.ts';
import { binaryOnly, datatypes, textDatatype } from './datatypes.ts';
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
  /** What each of its inputs has in the JSON. */
  inputs: DecodedInput[];
}

/** What an input has in the JSON: numbers or text, if its datatype and shape are valid; otherwise the schema tells what is wrong. */
export interface DecodedInput {
  /** Whether it has data in the JSON. */
  hasData: boolean;
  data?: { tensor: Tensor; form: 'nested' | 'flat' };
  text?: CarriedColumn;
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
  if (data.length !== 1 || data[0] !== placeholder) return undefined;
  checkEnvelope(head);
  const [input] = inputsOf(head);
  const header = headerOf(input);
  const found = header && tensorOfLists(header, lists, '/inputs/0/data');
  return found && { head, inputs: [{ hasData: true, data: found }] };
}

/**
 * Parses a request and reads the data of its inputs.
 * @throws Problem invalid_json, or what is wrong with the data
 */
export function decodeInference(body: Uint8Array): DecodedInference {
  return inferenceIn(decodeUtf8(body));
}

function inferenceIn(json: string): DecodedInference {
  const { value, text } = parseLenient(json);
  const { head, data } = takeData(value);
  checkEnvelope(head);
  const inputs = inputsOf(head);
  try {
    return { head, inputs: inputs.map((input, at) => decodeInput(input, data[at], `/inputs/${at}/data`, false)) };
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'not_exact')) throw error;
    // JSON.parse rounds integers beyond 2^53: parse again, more slowly but exactly.
    const exact = takeData(JSON.parse(text, bigintReviver)).data;
    const areColumns = inputs.length > 1;
    const decoded = inputs.map((input, at) => {
      const pointer = `/inputs/${at}/data`;
      return (areColumns && longIntegers(input, exact[at])) || decodeInput(input, exact[at], pointer, true);
    });
    return { head, inputs: decoded };
  }
}

function decodeInput(input: unknown, data: unknown, pointer: string, unrounded: boolean): DecodedInput {
  if (data === undefined) return { hasData: false };
  if (!Array.isArray(data)) return { hasData: true };
  if (isObject(input) && input.datatype === textDatatype) return { hasData: true, text: textOf(data, pointer) };
  const header = headerOf(input);
  return header ? { hasData: true, data: decodeElements(header, data, pointer, unrounded) } : { hasData: true };
}

/** 64-bit integers beyond 2^53, which a column may carry along; undefined where the data are something else. */
function longIntegers(input: unknown, data: unknown): DecodedInput | undefined {
  const header = headerOf(input);
  if (!header || !Array.isArray(data) || !(header.dtype === 'int64' || header.dtype === 'uint64')) return undefined;
  const cells: unknown[] = data.flat();
  if (!cells.some((cell) => typeof cell === 'bigint')) return undefined;
  const isSigned = header.dtype === 'int64';
  const integers: bigint[] = [];
  for (const cell of cells) {
    if (typeof cell !== 'bigint' && !Number.isSafeInteger(cell)) return undefined;
    const integer = BigInt(cell as bigint | number);
    if ((isSigned ? BigInt.asIntN(64, integer) : BigInt.asUintN(64, integer)) !== integer) return undefined;
    integers.push(integer);
  }
  if (integers.length !== elementCount(header.shape)) return undefined;
  const { buffer } = isSigned ? BigInt64Array.from(integers) : BigUint64Array.from(integers);
  return { hasData: true, data: { tensor: { ...header, buffer }, form: 'flat' } };
}

/** Text in one flat list, or in a list for each row. */
function textOf(data: readonly unknown[], pointer: string): CarriedColumn {
  const cells: unknown[] = data.flat();
  const bad = cells.findIndex((cell) => typeof cell !== 'string' && cell !== null);
  if (bad >= 0) throw problemAt('invalid_data', `${pointer}/${bad}`, 'An element of BYTES in JSON is a text, or null.');
  return carriedFromTexts(cells as (string | null)[]);
}

/** Dtype and shape of the data in the JSON; undefined if they are missing or invalid. */
function headerOf(input: unknown): TensorHeader | undefined {
  const { data: header } = InferenceInput.safeParse(input);
  if (!header || header.datatype === textDatatype || binaryOnly.includes(header.datatype)) return undefined;
  return { dtype: datatypes[header.datatype], shape: header.shape };
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

/** Separates the data of the inputs from the rest of the request. */
function takeData(body: unknown): { head: unknown; data: unknown[] } {
  const request = asRequest(body);
  if (!isObject(request) || !Array.isArray(request.inputs)) return { head: request, data: [] };
  const data: unknown[] = [];
  const inputs = request.inputs.map((input: unknown, at) => {
    if (!isObject(input)) return input;
    const { data: own, ...rest } = input;
    data[at] = own ?? undefined;
    return rest;
  });
  return { head: { ...request, inputs }, data };
}

function inputsOf(head: unknown): unknown[] {
  return isObject(head) && Array.isArray(head.inputs) ? head.inputs : [];
}

/** In a graph of models one gets the answer of another, as it is: its outputs are the inputs here. */
function asRequest(body: unknown): unknown {
  if (!isObject(body) || (body.inputs ?? undefined) !== undefined || !Array.isArray(body.outputs)) return body;
  if (!body.outputs.some((output: unknown) => isObject(output) && 'datatype' in output)) return body;
  const { outputs, ...rest } = body;
  return { ...rest, inputs: outputs };
}

export const parseInferenceTask = defineTask({
  name: 'parse_inference',
  run: parseLargeInference,
  transfers: ({ body }) => [body],
  phase: 'decode',
});
