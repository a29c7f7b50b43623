import { readNpyHeader } from '#wire/npy.ts';
import { readerOf } from '../byte-reader.ts';
import { readArray, readArrayHeader } from './array.ts';
import type { FormatReader } from './reader.ts';

export const readNpy: FormatReader = async (body, reading) => {
  const reader = await readerOf(body, reading.declared);
  return readArray(reader, await readArrayHeader(reader, readNpyHeader), reading);
};
