import { readNpyHeader } from '#wire/npy.ts';
import { readBytes } from '../byte-reader.ts';
import { readArray, readArrayHeader } from './array.ts';
import type { FormatReader } from './reader.ts';

export const readNpy: FormatReader = async (body, reading) => {
  const reader = readBytes(body);
  return readArray(reader, await readArrayHeader(reader, readNpyHeader), reading);
};
