import * as z from 'zod';
import { mergeFitted } from '#normalizers/merge-fitted.ts';
import { validate } from '#formats/validate.ts';
import { FittedDocument, fittedFromJson, fittedToJson } from '#formats/json/fitted-document.ts';
import { runDecode } from '#formats/json/parse-large-body.ts';

/** Documents that one call merges at most. */
const maxDocuments = 1_000;

/** The body of `/v1/merge`. */
export const MergeRequest = z.strictObject({ fitted: z.array(FittedDocument).min(1).max(maxDocuments) });

/** Documents may be many megabytes: from the first byte to the last they are read and written in a worker. */
export interface MergeRequestTask {
  kind: 'merge_request';
  /** The JSON body as it came, UTF-8. */
  body: ArrayBuffer;
  /** Bytes that the request may hold in memory. */
  limit: number;
}

/**
 * Merges the fitted documents of a request.
 * @returns the answer as JSON, UTF-8
 * @throws Problem invalid_json, invalid_request, or why they do not merge
 */
export function runMergeRequest({ body, limit }: MergeRequestTask): Uint8Array<ArrayBuffer> {
  const { envelope } = runDecode({ kind: 'decode', body, limit });
  const { fitted } = validate(MergeRequest, envelope);
  const documents = fitted.map((document, at) => fittedFromJson(document, `/fitted/${at}`));
  return new TextEncoder().encode(JSON.stringify({ fitted: fittedToJson(mergeFitted(documents)) }));
}
