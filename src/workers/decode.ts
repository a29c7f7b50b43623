import * as z from 'zod';
import { Problem, problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted.ts';
import { free } from '#tensor/free.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { shareOfMemory } from '#units.ts';
import { check } from '#wire/check.ts';
import { FittedDocument, fittedFromJson } from '#wire/fitted.ts';
import { parsedSize } from '#wire/json-size.ts';
import { decodeJsonTensor, type JsonForm } from '#wire/json-tensor.ts';

/** Levels of lists and objects in a member of the request; a fitted document with parameters of rank 8 has 11. */
const mostLevels = 16;

/** Members of an object in the request. */
const mostMembers = 1000;

/** How many times the limit of a request its parsed JSON may be: a number of two bytes takes eight. */
const mostExpansion = 4;

/** Its share of a container's memory: until the answer is written it takes about four times as much, at worst. */
const memoryParts = 8;

export interface DecodeTask {
  kind: 'decode';
  /** A JSON body as it came, UTF-8. */
  body: ArrayBuffer;
  /** Bytes that the request may hold in memory. */
  limit: number;
  /** Whether the body is a tensor, and not an object with one in it. */
  tensor?: boolean;
}

export interface DecodeResult {
  /** The body without `data`. */
  envelope: Record<string, unknown>;
  /** The member `fitted`, read, where that was done in a worker; `envelope` has null in its place. */
  fitted?: Fitted;
  data?: { tensor: Tensor; form: JsonForm };
}

/**
 * Parses JSON and reads the tensor and the fitted document in it.
 * @throws Problem body_too_large when what it is parsed to would exhaust the thread's heap; or what is wrong with it
 */
export function runDecode({ body, limit, tensor }: DecodeTask): DecodeResult {
  const text = textOfWhole(body, limit);
  return tensor ? tensorIn(text) : withFitted(membersIn(text));
}

const WithFitted = z.object({ fitted: FittedDocument });

/** A fitted document of megabytes is not for the event loop. What is none is left to the schema of the call. */
function withFitted(decoded: DecodeResult): DecodeResult {
  const { fitted } = decoded.envelope;
  if (typeof fitted !== 'object' || fitted === null || Array.isArray(fitted)) return decoded;
  const document = check(WithFitted, { fitted }).fitted;
  return { ...decoded, envelope: { ...decoded.envelope, fitted: null }, fitted: fittedFromJson(document) };
}

/**
 * The text of a body, which is freed: the thread may have nothing more to do, and then collects no garbage.
 * @throws Problem body_too_large when what JSON is parsed to would exhaust the thread's heap
 */
export function textOfWhole(body: ArrayBuffer, limit: number): string {
  try {
    checkParsedSize(body, limit);
    return textOf(new Uint8Array(body));
  } finally {
    free(body);
  }
}

function checkParsedSize(body: ArrayBuffer, limit: number): void {
  const most = shareOfMemory(mostExpansion * limit, memoryParts);
  const size = parsedSize(new Uint8Array(body), most);
  if (size <= most) return;
  const bound = `${most} is the most (${mostExpansion} times NORMA_BODY_LIMIT, or less in a small container)`;
  const detail = `The ${body.byteLength} bytes of JSON would take ${size} bytes of memory, and ${bound}. A binary format takes less, and so do longer rows.`;
  throw new Problem('body_too_large', detail);
}

/**
 * Parses a JSON body, which is an object, and reads its member `data`, when it has one, as a tensor.
 * @throws Problem invalid_json, invalid_request, or what is wrong with the tensor
 */
export function decodeBody(body: Uint8Array): DecodeResult {
  return membersIn(textOf(body));
}

function membersIn(text: string): DecodeResult {
  const envelope = checkEnvelope(parse(text));
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope))
    throw new Problem('invalid_request', 'The body must be a JSON object.');
  if (!('data' in envelope)) return { envelope: envelope as DecodeResult['envelope'] };
  const { data, ...rest } = envelope;
  return { envelope: rest, data: decodeData(data, text, (body) => (body as { data: unknown }).data) };
}

/**
 * Parses JSON that is a tensor by itself.
 * @throws Problem invalid_json, or what is wrong with the tensor
 */
export function decodeTensor(body: Uint8Array): DecodeResult {
  return tensorIn(textOf(body));
}

function tensorIn(text: string): DecodeResult {
  return { envelope: {}, data: decodeData(parse(text), text, (tensor) => tensor) };
}

/**
 * Everything but `data`, whose own reader bounds it, is nested a few levels deep and has a few members. More would overflow
 * the stack, or take the time, of what handles it next.
 * @throws Problem invalid_request
 */
export function checkEnvelope(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  checkMembers(body, '');
  for (const [name, member] of Object.entries(body)) {
    if (name !== 'data') checkDepth(member, `/${name.slice(0, 80)}`, mostLevels);
  }
  return body;
}

function checkDepth(value: unknown, pointer: string, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) {
    throw problemAt('invalid_request', pointer, `This is nested deeper than ${mostLevels} levels.`);
  }
  checkMembers(value, pointer);
  for (const member of Object.values(value)) checkDepth(member, pointer, levels - 1);
}

function checkMembers(value: object, pointer: string): void {
  if (Array.isArray(value)) return;
  const count = Object.keys(value).length;
  if (count <= mostMembers) return;
  throw problemAt('invalid_request', pointer, `An object has ${count} members here; at most ${mostMembers} are read.`);
}

/** JSON.parse rounds integers beyond 2^53: where the data may hold one, the text is read again, more slowly and exactly. */
function decodeData(data: unknown, text: string, dataIn: (parsed: unknown) => unknown): DecodeResult['data'] {
  try {
    return decodeJsonTensor(data, '/data');
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'not_exact')) throw error;
    return decodeJsonTensor(dataIn(JSON.parse(text, keepInteger)), '/data', true);
  }
}

/** A reviver that keeps an integer as a bigint where the double is another number. */
export function keepInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? '';
  if (!Number.isInteger(value) || Number.isSafeInteger(value) || !/^-?\d+$/.test(source)) return value;
  const integer = BigInt(source);
  return BigInt(value as number) === integer ? value : integer;
}

export function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Problem('invalid_json', 'The body is not JSON: it is not UTF-8.');
  }
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('invalid_json', `The body is not JSON: ${shorten((error as SyntaxError).message)}.`);
  }
}

/** V8 quotes the text around the fault, and the text may be long. */
function shorten(message: string): string {
  return message.length > 160 ? `${message.slice(0, 160)}…` : message;
}
