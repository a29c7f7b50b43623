import { Problem } from '#errors.ts';
import { reserveMemory } from '#memory/reservation.ts';
import { fixedWidth } from '#tensor/carried.ts';
import type { PageJob } from './decode-page.ts';

/** The memory of the pages that a request holds at once. */
export interface PageMemory {
  /** @throws Problem body_too_large, unavailable */
  hold(bytes: number): void;
  drop(bytes: number): void;
}

/**
 * What was reserved stays so until the request ends: its next pages take as much.
 * @param limit bytes that the pages may take together
 */
export function createPageMemory(limit: number): PageMemory {
  let [held, reserved] = [0, 0];
  return {
    hold(bytes) {
      held += bytes;
      if (held <= reserved) return;
      if (held > limit) throw tooWide(limit);
      reserveMemory(held - reserved, 'A row group of the Parquet file');
      reserved = held;
    },
    drop(bytes) {
      held -= bytes;
    },
  };
}

/** Bytes that decoding a page takes: as it is stored, inflated, and a level, an index and a value for each row. */
export function bytesToDecode({ header, bytes, field }: PageJob): number {
  const rows = (header.data_page_header_v2 ?? header.data_page_header)?.num_values ?? 0;
  const perRow = 5 + (fixedWidth(field.type) ?? 4);
  return bytes.length + header.uncompressed_page_size + Math.max(0, rows) * perRow;
}

function tooWide(limit: number): Problem {
  return new Problem(
    'body_too_large',
    `One page of each column is more than the ${limit} bytes that one request may hold (NORMA_BODY_LIMIT). Write smaller pages or row groups, in pyarrow by write_table(table, row_group_size=65536).`,
  );
}
