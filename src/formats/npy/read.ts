import { readNpyHeader } from './header.ts';
import { readBytes } from '#formats/stream/byte-reader.ts';
import { readArray, readArrayHeader } from '#formats/array-body.ts';
import type { FormatReader } from '#formats/reader.ts';

export const readNpy: FormatReader = async (body, reading) => {
  const reader = readBytes(body);
  return readArray(reader, await readArrayHeader(reader, readNpyHeader), reading);
};
