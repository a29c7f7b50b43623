import { parseBodyTask } from './parse-large-body.task.ts';
import { toSource } from '#tensor/source.ts';
import { type DecodeResult, decodeBody, decodeTensor } from './parse-body.ts';
import type { Pool } from '#pool/pool.ts';
import { jsonTableSource } from './table/table-source.ts';
import { reserveJson } from './reserve-json.ts';
import { readBytes, tooLarge } from '#formats/stream/byte-reader.ts';
import { isWholeBody } from '#formats/stream/whole-body.ts';
import type { Body, FormatReader, ReadContext } from '#formats/reader.ts';

/** JSON up to this many bytes is parsed where it arrives; more goes to a worker. */
export const inlineJsonBytes = 2 ** 18;

/** Reads a JSON object with a member `data`. */
export const readJson: FormatReader = async (body, reading) => {
  const { limit, pool } = reading;
  const bytes = await readJsonText(body, reading);
  const small = bytes.length <= inlineJsonBytes;
  const decoded = small
    ? decodeBody(bytes)
    : await pool.run(parseBodyTask, { body: bytes.buffer, limit, isMeasured: true });
  const { envelope, fitted } = decoded;
  return { envelope, fitted, ...dataOf(decoded, small, pool) };
};

/** Reads the data alone: lists, or an object with dtype, shape, and data or base64. */
export const readJsonTensor: FormatReader = async (body, reading) => {
  const { limit, pool } = reading;
  const bytes = await readJsonText(body, reading);
  const small = bytes.length <= inlineJsonBytes;
  const decoded = small
    ? decodeTensor(bytes)
    : await pool.run(parseBodyTask, { body: bytes.buffer, limit, tensor: true, isMeasured: true });
  return { envelope: {}, ...dataOf(decoded, small, pool) };
};

/** Reads JSON as UTF-8 bytes, for a call that parses it in a worker. */
export async function readJsonText(
  body: AsyncIterable<Uint8Array>,
  { limit, declared, pool }: Pick<ReadContext, 'limit' | 'declared' | 'pool'>,
): Promise<Uint8Array<ArrayBuffer>> {
  if (isWholeBody(body)) return body.whole;
  if (declared > limit) throw tooLarge(limit);
  const text = await readBytes(body).rest(limit, declared || 0);
  return text.length > inlineJsonBytes ? reserveJson(text, limit, pool.run) : text;
}

function dataOf({ data, table }: DecodeResult, isSmall: boolean, pool: Pool): Pick<Body, 'input' | 'small' | 'table'> {
  if (table) return { table: jsonTableSource(table, pool) };
  if (!data) return {};
  return {
    input: { source: toSource(data.tensor), form: data.form, inMemory: true },
    small: isSmall ? { tensor: data.tensor, bigEndian: false } : undefined,
  };
}
