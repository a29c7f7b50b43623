import { Problem, problemAt, excerpt } from '#errors.ts';
import type { Source } from '#tensor/source.ts';
import { findByMediaType } from '#formats/media-types.ts';
import { readBytes } from '#formats/stream/byte-reader.ts';
import { boundaryOf, multipartParts, type Part } from './parts.ts';
import { readJson } from '#formats/json/read.ts';
import type { TableSource } from '#formats/table-source.ts';
import type { Body, FormatReader, ReadContext } from '#formats/reader.ts';

/** Content types that clients give a part with JSON. */
const jsonTypes = ['', 'application/json', 'text/plain'];

type Parts = AsyncGenerator<Part, void>;

/**
 * Creates a reader of `multipart/form-data`: first a part `request`, the JSON body without `data`; then a part `data`
 * in any other format, by its own Content-Type.
 */
export function createMultipartReader(readers: readonly { type: string; read: FormatReader }[]): FormatReader {
  return async (body, reading) => {
    const parts = multipartParts(readBytes(body), boundaryOf(reading.contentType));
    const request = await expectPart(parts, 'request', 'first');
    const read = await readRequest(request, reading);
    const { content, contentType, fileName } = await expectPart(parts, 'data', 'second');
    const { read: readData } = findByMediaType(contentType, readers, 'part data');
    const data = await readData(content, { ...reading, contentType, fileName, declared: Number.NaN });
    return { ...(await endingWith(data, () => expectEnd(parts))), ...read };
  };
}

async function readRequest(
  { content, contentType }: Part,
  reading: ReadContext,
): Promise<Pick<Body, 'envelope' | 'fitted'>> {
  if (!jsonTypes.includes(contentType.split(';')[0].trim().toLowerCase()))
    throw new Problem(
      'unsupported_media_type',
      `The part request is read as application/json, not as ${excerpt(contentType)}.`,
    );
  const { envelope, fitted, input, table } = await readJson(content, { ...reading, declared: Number.NaN });
  if (input || table)
    throw problemAt('invalid_request', '/data', 'Send the data as a separate part "data" after the part "request".');
  return { envelope, fitted };
}

/** The data, with a check of the end of the body after them. */
async function endingWith(data: Body, end: () => Promise<void>): Promise<Body> {
  const { input, table, readWithWeights: whole } = data;
  if (table) return { ...data, table: table.inMemory ? await endedTable(table, end) : endingTable(table, end) };
  if (!input || input.inMemory) {
    await end();
    return data;
  }
  const source: Source = {
    ...input.source,
    async *blocks(plan) {
      yield* input.source.blocks(plan);
      await end();
    },
  };
  return {
    ...data,
    input: { ...input, source },
    readWithWeights: whole && (async () => endingWith(await whole(), end)),
  };
}

async function endedTable(table: TableSource, end: () => Promise<void>): Promise<TableSource> {
  await end();
  return table;
}

function endingTable(table: TableSource, end: () => Promise<void>): TableSource {
  return {
    ...table,
    async *read(plan) {
      yield* table.read(plan);
      await end();
    },
  };
}

async function expectPart(parts: Parts, name: string, place: string): Promise<Part> {
  const next = await parts.next();
  if (!next.done && next.value.name === name) return next.value;
  const found = next.done ? 'there is none' : `this one is "${next.value.name}"`;
  throw problemAt('invalid_request', `/${name}`, `The ${place} part of the body must be "${name}"; ${found}.`);
}

async function expectEnd(parts: Parts): Promise<void> {
  const next = await parts.next();
  if (next.done) return;
  const { name } = next.value;
  throw problemAt(
    'invalid_request',
    `/${name}`,
    `Unexpected part "${name}"; the body has only the parts "request" and "data".`,
  );
}
