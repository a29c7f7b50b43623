import { parquetHeader } from 'hyparquet/src/column.js';
import { Problem } from '#errors.ts';
import type { Runner } from '#pool/task.ts';
import { carriedBytes, type CarriedColumn } from '#tensor/carried.ts';
import type { RandomBytes } from '#formats/random-bytes.ts';
import { brokenParquet, parsing } from './broken.ts';
import { endOfThrift } from './check-thrift.ts';
import { decodePage, isCount, type PageHeader, type PageJob } from './decode-page.ts';
import { decodePageTask } from './decode-page.task.ts';
import type { ColumnChunk, ParquetField } from './footer.ts';
import { bytesToDecode, type PageMemory } from './page-memory.ts';

/** Pages up to this many bytes, inflated, are decoded where they are read; others in a worker. */
const inlinePageBytes = 2 ** 14;

/** Bytes that are read to find a page's header, and more where statistics make it long. */
const headerBytes = 2 ** 13;
const maxHeaderBytes = 2 ** 22;

/** What pages are read with. */
export interface PageReading {
  /** Bytes that a page may take. */
  limit: number;
  memory: PageMemory;
  /** Decodes pages that are not small; they are decoded here without it. */
  run?: Runner;
}

/**
 * The pages of a column in one row group, each as a column of its rows, when they are asked for.
 * @throws Problem broken_body, invalid_data, body_too_large, unavailable
 */
export async function* readPages(
  file: RandomBytes,
  { codec, start, end, rows }: ColumnChunk,
  field: ParquetField,
  { limit, memory, run }: PageReading,
): AsyncGenerator<CarriedColumn, void> {
  let dictionary: CarriedColumn | undefined;
  let missing = rows;
  for (let at = start; missing > 0; ) {
    const { header, length } = await readHeader(file, at, end);
    const [stored, size] = [header.compressed_page_size, header.uncompressed_page_size];
    at += length;
    if (!(isCount(stored) && isCount(size) && stored <= end - at))
      throw brokenParquet('a page is not inside its column');
    if (size > limit) {
      throw new Problem(
        'body_too_large',
        `A page of the Parquet file is ${size} bytes, and one request may hold ${limit} (NORMA_BODY_LIMIT).`,
      );
    }
    const bytes = await file.read(at, stored);
    at += stored;
    const job = { header, bytes, codec, field, dictionary, maxRows: missing, limit };
    if (header.type === 'DICTIONARY_PAGE') {
      dictionary = await decode(job, memory, run);
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const page = await decode(job, memory, run);
      missing -= page.length;
      if (page.length > 0) yield page;
    }
  }
}

/** The page is held when it is there; whoever takes it drops it. */
async function decode(job: PageJob, memory: PageMemory, run?: Runner): Promise<CarriedColumn> {
  const { header, bytes } = job;
  const isSmall = Math.max(bytes.length, header.uncompressed_page_size) <= inlinePageBytes;
  const needed = bytesToDecode(job);
  memory.hold(needed);
  const page = !run || isSmall ? decodePage(job) : await run(decodePageTask, job);
  memory.drop(needed);
  memory.hold(carriedBytes(page));
  return page;
}

async function readHeader(file: RandomBytes, at: number, end: number): Promise<{ header: PageHeader; length: number }> {
  for (let size = headerBytes; size <= maxHeaderBytes; size *= 8) {
    const bytes = await file.read(at, Math.min(size, end - at));
    const length = parsing('the header of a page', () => endOfThrift(bytes));
    if (length !== undefined) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, length);
      return { header: parsing('the header of a page', () => parquetHeader({ view, offset: 0 })), length };
    }
    if (size >= end - at) break;
  }
  throw brokenParquet('a column has fewer rows than its row group');
}
