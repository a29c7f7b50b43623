import * as z from 'zod';
import { Problem } from '#errors.ts';
import { free } from '#memory/free.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { defineTask } from '#pool/task.ts';
import { validate } from '#formats/validate.ts';
import { FittedDocument, fittedFromJson } from './fitted/fitted-document.ts';
import { isObject } from './is-object.ts';
import { readNumberLists } from './read-number-lists.ts';
import { skipWhitespace } from './find-member.ts';
import { flatTensorOfLists } from './parse-tensor.ts';
import {
  type DecodeResult,
  decodeTableAlone,
  decodeTableBody,
  parseRequest,
  parseObject,
  parseJson,
  parseTensor,
  decodeUtf8,
} from './parse-body.ts';
import { placeholder, parseAroundLists } from './splice-lists.ts';
import { checkHeapSize, decodeUtf8AndFree } from './body-text.ts';

interface DecodeTask {
  /** A JSON body, UTF-8. */
  body: ArrayBuffer;
  /** Maximum bytes of the request in memory. */
  limit: number;
  /** Whether the body is a tensor itself rather than an object with a member `data`. */
  tensor?: boolean;
  /** Whether the body was measured already and is within the limit. */
  isMeasured?: boolean;
}

/**
 * Parses JSON and reads the tensor and the fitted document in it.
 * @throws Problem body_too_large if parsing would exhaust the thread's heap; or what is wrong with the body
 */
export function parseLargeBody({ body, limit, tensor, isMeasured }: DecodeTask): DecodeResult {
  const bytes = new Uint8Array(body);
  const table = tensor ? decodeTableAlone(bytes) : decodeTableBody(bytes);
  if (table) return tensor ? table : withFitted(table);
  if (!isMeasured) checkHeapSize(body, limit);
  const lists = tensor ? listsAlone(body) : listsInside(body);
  if (lists) free(body);
  if (tensor) return lists ?? parseTensor(decodeUtf8AndFree(body));
  return withFitted(lists ?? parseRequest(decodeUtf8AndFree(body)));
}

function listsAlone(body: ArrayBuffer): DecodeResult | undefined {
  const text = new Uint8Array(body);
  const lists = readNumberLists(text, skipWhitespace(text, 0));
  if (lists && skipWhitespace(text, lists.end) === text.length)
    return { envelope: {}, data: { tensor: lists.tensor, form: 'nested' } };
  if (lists) free(lists.tensor.buffer);
  return parseAroundLists(body, (around, read) => {
    const data = tensorAround(parseJson(decodeUtf8(around)), read);
    return data && { envelope: {}, data };
  });
}

function listsInside(body: ArrayBuffer): DecodeResult | undefined {
  return parseAroundLists(body, (around, lists) => {
    const { data, ...envelope } = parseObject(decodeUtf8(around));
    const found = tensorAround(data, lists);
    return found && { envelope, data: found };
  });
}

/**
 * Of several members of the same name the last one counts, so the lists that were read are not necessarily the data.
 */
function tensorAround(data: unknown, lists: Tensor): DecodeResult['data'] {
  if (data === placeholder) return { tensor: lists, form: 'nested' };
  return isObject(data) && data.data === placeholder ? flatTensorOfLists(data, lists, '/data') : undefined;
}

const WithFitted = z.object({ fitted: FittedDocument });

/** Parses the fitted document here, because it may have megabytes. An invalid one is left to the schema of the call. */
function withFitted(decoded: DecodeResult): DecodeResult {
  const { fitted } = decoded.envelope;
  if (!isObject(fitted)) return decoded;
  const document = validate(WithFitted, { fitted }).fitted;
  return { ...decoded, envelope: { ...decoded.envelope, fitted: null }, fitted: fittedFromJson(document) };
}

/** Maximum characters of the members beside the data, which the event loop receives. */
const maxTextLength = 2 ** 22;

/** @throws Problem body_too_large */
function checkTextLength(envelope: unknown): void {
  let length = 0;
  const count = (value: unknown): void => {
    if (typeof value === 'string') length += value.length;
    else if (Array.isArray(value)) value.forEach(count);
    else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        length += name.length;
        count(member);
      }
    }
    if (length > maxTextLength)
      throw new Problem('body_too_large', `The members beside the data have more than ${maxTextLength} characters.`);
  };
  count(envelope);
}

export const parseBodyTask = defineTask({
  name: 'parse_body',
  run(task: DecodeTask): DecodeResult {
    const decoded = parseLargeBody(task);
    checkTextLength(decoded.envelope);
    // Functions stay in their thread.
    if (decoded.table) decoded.table.read = undefined;
    return decoded;
  },
  transfers: ({ body }) => [body],
  phase: 'decode',
});
