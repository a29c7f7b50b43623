import { isAscii } from 'node:buffer';
import { Problem, problemAt, excerpt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { findTable, isTable } from './table/find-table.ts';
import { endOfValue, notJson, skipBlanks } from './table/scan.ts';
import { type OpenedTable, openTableIn } from './table/table-source.ts';
import { asciiText } from './ascii-text.ts';
import { describeSyntaxError } from './describe-syntax-error.ts';
import { isObject } from './is-object.ts';
import { decodeJsonTensor, type JsonForm } from './parse-tensor.ts';

/** Maximum nesting of a member of the request; a fitted document with parameters of rank 8 has 11 levels. */
const maxDepth = 16;

/** Maximum members of an object in the request. */
const maxMembers = 1000;

export interface DecodeResult {
  /** The body without `data`. */
  envelope: Record<string, unknown>;
  /** The member `fitted` if a worker has parsed it; `envelope` then has null in its place. */
  fitted?: Fitted;
  data?: { tensor: Tensor; form: JsonForm };
  /** The data, where they are a table, whose rows are still to be read. */
  table?: OpenedTable;
}

/**
 * Parses a JSON object, and reads its member `data`, if any, as a tensor.
 * @throws Problem invalid_json, invalid_request, or what is wrong with the tensor
 */
export function decodeBody(body: Uint8Array<ArrayBuffer>): DecodeResult {
  return decodeTableBody(body) ?? parseRequest(decodeUtf8(body));
}

/** The same of a body whose data are a table; undefined where they are none. */
export function decodeTableBody(body: Uint8Array<ArrayBuffer>): DecodeResult | undefined {
  const found = findTable(body);
  if (!found) return undefined;
  const { start, end, pointer } = found;
  const around = Buffer.concat([body.subarray(0, start), Buffer.from('null'), body.subarray(end)]);
  const { [pointer.slice(1)]: _, ...envelope } = parseObject(decodeUtf8(around));
  return { envelope, table: openTableIn(body, start, pointer) };
}

export function parseRequest(text: string): DecodeResult {
  const { data, ...envelope } = parseObject(text);
  return data === undefined
    ? { envelope }
    : { envelope, data: decodeData(data, text, (body) => (body as { data: unknown }).data) };
}

/** @throws Problem invalid_json, invalid_request */
export function parseObject(text: string): Record<string, unknown> {
  const body = checkEnvelope(parseJson(text));
  if (!isObject(body)) throw new Problem('invalid_request', 'The body must be a JSON object.');
  return body;
}

/**
 * Parses JSON that is a tensor itself.
 * @throws Problem invalid_json, or what is wrong with the tensor
 */
export function decodeTensor(body: Uint8Array<ArrayBuffer>): DecodeResult {
  return decodeTableAlone(body) ?? parseTensor(decodeUtf8(body));
}

/** A body that is a table by itself; undefined where it is none. */
export function decodeTableAlone(body: Uint8Array<ArrayBuffer>): DecodeResult | undefined {
  const start = skipBlanks(body, 0);
  if (!isTable(body, start)) return undefined;
  const end = endOfValue(body, start);
  if (skipBlanks(body, end) < body.length) throw notJson(body, end, 'it goes on behind the table');
  return { envelope: {}, table: openTableIn(body, start, '/data') };
}

export function parseTensor(text: string): DecodeResult {
  return { envelope: {}, data: decodeData(parseJson(text), text, (tensor) => tensor) };
}

/**
 * Limits nesting and member counts of everything except `data`, which has its own reader. More could overflow the stack
 * or block the event loop later on.
 * @throws Problem invalid_request
 */
export function checkEnvelope(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  checkMembers(body, '');
  for (const [name, member] of Object.entries(body)) {
    if (name !== 'data') checkDepth(member, `/${excerpt(name)}`, maxDepth);
  }
  return body;
}

function checkDepth(value: unknown, pointer: string, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) {
    throw problemAt('invalid_request', pointer, `This is nested more than ${maxDepth} levels deep.`);
  }
  checkMembers(value, pointer);
  for (const member of Object.values(value)) checkDepth(member, pointer, levels - 1);
}

function checkMembers(value: object, pointer: string): void {
  if (Array.isArray(value)) return;
  const count = Object.keys(value).length;
  if (count <= maxMembers) return;
  throw problemAt('invalid_request', pointer, `An object has ${count} members; the maximum is ${maxMembers}.`);
}

/**
 * JSON.parse rounds integers beyond 2^53: if the data may contain one, the text is parsed again, more slowly but
 * exactly.
 */
function decodeData(data: unknown, text: string, dataIn: (parsed: unknown) => unknown): DecodeResult['data'] {
  try {
    const decoded = decodeJsonTensor(data, '/data');
    if (mayBeRounded(decoded.tensor)) decodeJsonTensor(dataIn(JSON.parse(text, keepRoundedInteger)), '/data', true);
    return decoded;
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'not_exact')) throw error;
    return decodeJsonTensor(dataIn(JSON.parse(text, bigintReviver)), '/data', true);
  }
}

/** Whether doubles are so large that JSON.parse may have rounded integers to them. */
function mayBeRounded({ dtype, buffer }: Tensor): boolean {
  if (dtype !== 'float64') return false;
  for (const value of new Float64Array(buffer)) if (Math.abs(value) >= 2 ** 53 && value - value === 0) return true;
  return false;
}

/**
 * A reviver that returns a bigint for an integer that a double cannot represent, unless it is how JavaScript writes that
 * double: 2^60 as 1152921504606847000.
 */
function keepRoundedInteger(key: string, value: unknown, context?: { source?: string }): unknown {
  return String(value) === context?.source ? value : bigintReviver(key, value, context);
}

/** A reviver that returns a bigint for an integer that a double cannot represent. */
export function bigintReviver(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? '';
  if (!Number.isInteger(value) || Number.isSafeInteger(value) || !/^-?\d+$/.test(source)) return value;
  const integer = BigInt(source);
  return BigInt(value as number) === integer ? value : integer;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function decodeUtf8(body: Uint8Array): string {
  if (isAscii(body)) return asciiText(body);
  try {
    return utf8.decode(body);
  } catch {
    throw new Problem('invalid_json', 'The body is not valid JSON: it is not UTF-8.');
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('invalid_json', describeSyntaxError((error as SyntaxError).message, text));
  }
}
