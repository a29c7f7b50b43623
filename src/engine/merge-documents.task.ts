import * as z from 'zod';
import type { CommonOptions } from '#normalizers/method.ts';
import { mergeFitted } from '#normalizers/merge-fitted.ts';
import { defineTask } from '#pool/task.ts';
import { validate } from '#formats/validate.ts';
import {
  FittedDocument,
  fittedFromJson,
  fittedToJson,
  readFitted,
  writeFitted,
} from '#formats/json/fitted-document.ts';
import { parseLargeBody } from '#formats/json/parse-large-body.task.ts';

/** Maximum documents in one call. */
const maxDocuments = 1_000;

/** The body of `/v1/merge`. */
export const MergeRequest = z.strictObject({ fitted: z.array(FittedDocument).min(1).max(maxDocuments) });

/** Documents may have many megabytes, so a worker parses and writes them entirely. */
interface MergeRequestTask {
  /** The JSON body, UTF-8. */
  body: ArrayBuffer;
  /** Maximum bytes of the request in memory. */
  limit: number;
  /** Whether the body was measured already and is within the limit. */
  isMeasured?: boolean;
}

/**
 * Merges the fitted documents of a request.
 * @returns the response as JSON, UTF-8
 * @throws Problem invalid_json, invalid_request, not_mergeable
 */
function mergeRequest({ body, limit, isMeasured }: MergeRequestTask): Uint8Array<ArrayBuffer> {
  const { envelope } = parseLargeBody({ body, limit, isMeasured });
  const { fitted } = validate(MergeRequest, envelope);
  const documents = fitted.map((document, at) => fittedFromJson(document, `/fitted/${at}`));
  return new TextEncoder().encode(JSON.stringify({ fitted: fittedToJson(mergeFitted(documents)) }));
}

export const mergeRequestTask = defineTask({
  name: 'merge_request',
  run: mergeRequest,
  transfers: ({ body }) => [body],
});

interface MergeDocumentsTask {
  /** Fitted documents as JSON, in the order in which they are merged. */
  documents: Uint8Array[];
  /** `on_constant` of the merged normalizer, where the documents of parts were fitted with another value. */
  onConstant?: CommonOptions['on_constant'];
}

/** The merged document as JSON. */
export const mergeDocumentsTask = defineTask({
  name: 'merge_documents',
  run({ documents, onConstant }: MergeDocumentsTask): Uint8Array<ArrayBuffer> {
    const parts = documents.map(readFitted);
    for (const { normalizer } of parts) normalizer.on_constant = onConstant ?? normalizer.on_constant;
    return writeFitted(mergeFitted(parts));
  },
});
