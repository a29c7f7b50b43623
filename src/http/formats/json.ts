import { Problem } from '#errors.ts';
import { sourceOf } from '#tensor/source.ts';
import { decodeBody } from '#workers/decode.ts';
import { readBytes, tooLarge } from '../byte-reader.ts';
import type { FormatReader } from './reader.ts';

/** JSON up to this many bytes is parsed where it arrives; more goes to a worker. */
const smallJson = 2 ** 18;

export const readJson: FormatReader = async (body, { limit, pool, declared }) => {
  if (declared > limit) throw tooLarge(limit);
  const bytes = await readBytes(body).rest(limit, declared || 0);
  const small = bytes.length <= smallJson;
  const { envelope, data } = small ? decodeBody(bytes) : await pool.run({ kind: 'decode', body: bytes.buffer, limit });
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) {
    throw new Problem('invalid_request', 'The body must be a JSON object.');
  }
  return {
    envelope: envelope as Record<string, unknown>,
    input: data && { source: sourceOf(data.tensor), form: data.form, inMemory: true },
    small: small && data ? { tensor: data.tensor, bigEndian: false } : undefined,
  };
};
