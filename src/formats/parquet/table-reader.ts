import { rowsPerBatch } from '#tables/batch-rows.ts';
import { carriedBytes, type CarriedColumn, sliceCarried } from '#tensor/carried.ts';
import { concatCarried } from '#tables/concat-carried.ts';
import type { Runner } from '#pool/task.ts';
import type { RandomBytes } from '#formats/random-bytes.ts';
import { brokenParquet } from './broken.ts';
import { type ParquetField, type RowGroup, readParquetFooter } from './footer.ts';
import { createPageMemory } from './page-memory.ts';
import { type PageReading, readPages } from './pages.ts';

export interface ParquetTableReader {
  fields: ParquetField[];
  /** Rows of all row groups. */
  rows: number;
  /**
   * The rows in batches that no row group ends in the middle of, each read when it is asked for.
   * @param columns the places of the columns that are read
   */
  batches(columns: readonly number[]): AsyncGenerator<ParquetRows, void>;
}

export interface ParquetRows {
  rows: number;
  /** In the order in which they were asked for. */
  columns: CarriedColumn[];
}

/**
 * Reads a Parquet file page by page: what is held is one page of each column.
 * @param limit bytes that the pages in memory may take together
 * @param run decodes pages that are not small; they are decoded here without it
 * @throws Problem broken_body, invalid_data, body_too_large, here and for each batch
 */
export async function openParquet(file: RandomBytes, limit: number, run?: Runner): Promise<ParquetTableReader> {
  const { fields, rowGroups } = await readParquetFooter(file);
  const rows = rowGroups.reduce((sum, group) => sum + group.rows, 0);

  async function* batches(columns: readonly number[]): AsyncGenerator<ParquetRows, void> {
    const step = rowsPerBatch(columns.length);
    const memory = createPageMemory(limit);
    for (const group of rowGroups) {
      const queues = columns.map((column) => createQueue(file, group, fields, column, { limit, memory, run }));
      for (let from = 0; from < group.rows; from += step) {
        const count = Math.min(step, group.rows - from);
        yield { rows: count, columns: await Promise.all(queues.map((take) => take(count))) };
      }
    }
  }
  return { fields, rows, batches };
}

/** A function that gives the next rows of a column. */
function createQueue(
  file: RandomBytes,
  { chunks }: RowGroup,
  fields: readonly ParquetField[],
  column: number,
  reading: PageReading,
): (count: number) => Promise<CarriedColumn> {
  const { memory } = reading;
  const pages = readPages(file, chunks[column], fields[column], reading);
  let rest: CarriedColumn | undefined;
  return async (count) => {
    const parts: CarriedColumn[] = [];
    for (let missing = count; missing > 0; ) {
      const page = rest ?? (await nextPage(pages));
      const taken = Math.min(missing, page.length);
      parts.push(sliceCarried(page, 0, taken));
      missing -= taken;
      rest = taken < page.length ? sliceCarried(page, taken, page.length) : undefined;
      memory.drop(carriedBytes(page) - (rest ? carriedBytes(rest) : 0));
    }
    return concatCarried(parts);
  };
}

async function nextPage(pages: AsyncGenerator<CarriedColumn, void>): Promise<CarriedColumn> {
  const { value } = await pages.next();
  if (value) return value;
  throw brokenParquet('a column has fewer rows than its row group');
}
