import { readIdxHeader } from '#wire/idx.ts';
import { readBytes } from '../byte-reader.ts';
import { inflatedWhenGzip } from '../coding.ts';
import { readArray, readArrayHeader } from './array.ts';
import type { FormatReader } from './reader.ts';

/** MNIST's files ship as .gz: a body that begins like one is inflated, whatever its headers say. */
export const readIdx: FormatReader = async (body, reading) => {
  const reader = readBytes(await inflatedWhenGzip(body));
  return readArray(reader, await readArrayHeader(reader, readIdxHeader), reading);
};
