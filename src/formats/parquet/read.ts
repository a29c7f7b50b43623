import type { Body, FormatReader } from '#formats/reader.ts';
import { spoolBody } from '#formats/spool-body.ts';

/** A Parquet table. Its end says where its columns are, so it is taken whole. */
export const readParquet: FormatReader = async (body, reading): Promise<Body> => {
  const file = await spoolBody(body, reading);
  // Few requests need it.
  const { openTable } = await import('./table-source.ts');
  return { envelope: {}, table: await openTable(file, reading) };
};
