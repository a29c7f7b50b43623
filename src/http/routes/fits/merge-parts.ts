import { mergeDocumentsTask } from '#engine/fits/merge-documents.task.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import type { Fits } from '#store/fits.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import type { Pool } from '#pool/pool.ts';

/** Maximum bytes of documents to merge at once, if they are more than two. */
const together = 2 ** 23;

/** Number of documents to read ahead. */
const ahead = 4;

/**
 * The document of all parts, as if one fit had seen all their data. The same parts give the same bits, because only
 * their order and their documents decide what is merged with what.
 * @param parts their names, in the order of merging; at least one
 * @param keepsProfile whether the document keeps the profile that the parts have
 * @returns undefined if a part no longer exists
 */
export async function mergeParts(
  { id, normalizer }: { id: string; normalizer: string },
  parts: readonly string[],
  fits: Fits,
  pool: Pool,
  keepsProfile: boolean,
): Promise<Uint8Array | undefined> {
  let documents: Uint8Array[] = [];
  let bytes = 0;
  for await (const document of mapInOrder(parts, ahead, (part) => fits.document(id, part))) {
    if (!document || document.length === 0) return undefined;
    documents.push(document);
    bytes += document.length;
    if (bytes > together && documents.length > 1) {
      documents = [await pool.run(mergeDocumentsTask, { documents })];
      bytes = documents[0].length;
    }
  }
  return pool.run(mergeDocumentsTask, { documents, asked: Normalizer.parse(JSON.parse(normalizer)), keepsProfile });
}
