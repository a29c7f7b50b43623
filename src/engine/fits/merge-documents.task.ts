import * as z from 'zod';
import type { CommonOptions } from '#normalizers/method.ts';
import { withOnConstant } from '#normalizers/composition/on-constant.ts';
import { mergeFitted } from '#normalizers/merge-fitted.ts';
import { defineTask } from '#pool/task.ts';
import { validate } from '#formats/validate.ts';
import {
  FittedDocument,
  fittedFromJson,
  fittedToJson,
  readFitted,
  writeFitted,
} from '#formats/json/fitted/fitted-document.ts';
import { parseLargeBody } from '#formats/json/parse-large-body.task.ts';

/** Maximum documents in one call. */
const maxDocuments = 1_000;

/** A stored version in the place of a document. */
const StoredReference = z.strictObject({
  name: z.string(),
  version: z
    .union([z.int().min(1), z.string()])
    .optional()
    .meta({ description: 'A number, an alias, or latest. Default latest.' }),
});

export type StoredReference = z.output<typeof StoredReference>;

/** The body of `/v1/merge`, for the OpenAPI document. */
export const MergeRequest = z.strictObject({
  fitted: z
    .array(z.union([FittedDocument, StoredReference]))
    .min(1)
    .max(maxDocuments),
});

/** The same before the references are resolved; documents are checked one by one. */
const MergeEnvelope = z.strictObject({ fitted: z.array(z.unknown()).min(1).max(maxDocuments) });

/** Documents may have many megabytes, so a worker parses and writes them entirely. */
interface MergeRequestTask {
  /** The JSON body, UTF-8. */
  body: ArrayBuffer;
  /** Maximum bytes of the request in memory. */
  limit: number;
  /** Whether the body was measured already and is within the limit. */
  isMeasured?: boolean;
  /** The documents of the stored versions that it refers to, in their order, once they are known. */
  stored?: Uint8Array[];
}

/** The response as JSON, UTF-8; or the body again, with the stored versions that it refers to. */
type MergeRequestResult = { merged: Uint8Array<ArrayBuffer> } | { references: StoredReference[]; body: ArrayBuffer };

/**
 * Merges the fitted documents of a request.
 * @throws Problem invalid_json, invalid_request, not_mergeable
 */
function mergeRequest({ body, limit, isMeasured, stored }: MergeRequestTask): MergeRequestResult {
  const { envelope } = parseLargeBody({ body, limit, isMeasured });
  const { fitted } = validate(MergeEnvelope, envelope);
  const isReference = fitted.map((one) => typeof one === 'object' && one !== null && 'name' in one);
  if (!stored && isReference.includes(true)) {
    const named = Object.fromEntries(fitted.map((one, at) => [at, one]).filter(([at]) => isReference[Number(at)]));
    const references = validate(z.strictObject({ fitted: z.record(z.string(), StoredReference) }), { fitted: named });
    return {
      references: Object.values(references.fitted),
      body: new TextEncoder().encode(JSON.stringify(envelope)).buffer,
    };
  }
  // By their places in the list, so that errors point there.
  const given = Object.fromEntries(fitted.map((one, at) => [at, one]).filter(([at]) => !isReference[Number(at)]));
  const read = validate(z.strictObject({ fitted: z.record(z.string(), FittedDocument) }), { fitted: given }).fitted;
  let next = 0;
  const documents = fitted.map((_, at) =>
    isReference[at] ? readFitted((stored as Uint8Array[])[next++]) : fittedFromJson(read[at], `/fitted/${at}`),
  );
  return { merged: new TextEncoder().encode(JSON.stringify({ fitted: fittedToJson(mergeFitted(documents)) })) };
}

export const mergeRequestTask = defineTask({
  name: 'merge_request',
  run: mergeRequest,
  transfers: ({ body }) => [body],
});

interface MergeDocumentsTask {
  /** Fitted documents as JSON, in the order in which they are merged. */
  documents: Uint8Array[];
  /** The normalizer that was asked for, where the documents of parts were fitted with another `on_constant`. */
  asked?: CommonOptions;
  /** Whether the merged document keeps the profile that the documents have. Default true. */
  keepsProfile?: boolean;
}

/** The merged document as JSON. */
export const mergeDocumentsTask = defineTask({
  name: 'merge_documents',
  run({ documents, asked, keepsProfile = true }: MergeDocumentsTask): Uint8Array<ArrayBuffer> {
    const parts = documents.map(readFitted);
    const merged = mergeFitted(asked ? parts.map((part) => withOnConstant(part, asked)) : parts);
    return writeFitted(keepsProfile ? merged : { ...merged, profile: undefined });
  },
});
