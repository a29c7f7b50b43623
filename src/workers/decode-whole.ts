import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { free } from '#tensor/free.ts';
import { check } from '#wire/check.ts';
import { FittedDocument, fittedFromJson } from '#wire/fitted.ts';
import { readLists } from '#wire/json-lists.ts';
import { firstFrom, listOfMember } from '#wire/json-member.ts';
import { type DecodeResult, membersIn, objectIn, tensorIn, textOf } from './decode.ts';
import { checkParsedSize, textAndFree } from './whole-text.ts';

export interface DecodeTask {
  kind: 'decode';
  /** A JSON body as it came, UTF-8. */
  body: ArrayBuffer;
  /** Bytes that the request may hold in memory. */
  limit: number;
  /** Whether the body is a tensor, and not an object with one in it. */
  tensor?: boolean;
}

/**
 * Parses JSON and reads the tensor and the fitted document in it.
 * @throws Problem body_too_large when what it is parsed to would exhaust the thread's heap; or what is wrong with it
 */
export function runDecode({ body, limit, tensor }: DecodeTask): DecodeResult {
  checkParsedSize(body, limit);
  const lists = tensor ? listsAlone(body) : listsInside(body);
  if (lists) free(body);
  if (tensor) return lists ?? tensorIn(textAndFree(body));
  return withFitted(lists ?? membersIn(textAndFree(body)));
}

function listsAlone(body: ArrayBuffer): DecodeResult | undefined {
  const text = new Uint8Array(body);
  const lists = readLists(text, firstFrom(text, 0));
  if (!lists || firstFrom(text, lists.end) < text.length) return undefined;
  return { envelope: {}, data: { tensor: lists.tensor, form: 'nested' } };
}

/** Stands where lists were that are read already; no body has it, so that it is the data only where the lists were. */
const placeholder = randomUUID();

/** Where the data are plain lists, only what is around them is parsed. What is wrong there is found once more by parsing all. */
function listsInside(body: ArrayBuffer): DecodeResult | undefined {
  const text = Buffer.from(body);
  const begin = listOfMember(text, 'data');
  const lists = begin < 0 ? undefined : readLists(text, begin);
  if (!lists) return undefined;
  const around = Buffer.concat([text.subarray(0, begin), Buffer.from(`"${placeholder}"`), text.subarray(lists.end)]);
  try {
    const { data, ...envelope } = objectIn(textOf(around));
    // Of members with the same name the last one counts.
    return data === placeholder ? { envelope, data: { tensor: lists.tensor, form: 'nested' } } : undefined;
  } catch {
    return undefined;
  }
}

const WithFitted = z.object({ fitted: FittedDocument });

/** A fitted document of megabytes is not for the event loop. What is none is left to the schema of the call. */
function withFitted(decoded: DecodeResult): DecodeResult {
  const { fitted } = decoded.envelope;
  if (typeof fitted !== 'object' || fitted === null || Array.isArray(fitted)) return decoded;
  const document = check(WithFitted, { fitted }).fitted;
  return { ...decoded, envelope: { ...decoded.envelope, fitted: null }, fitted: fittedFromJson(document) };
}
