import * as z from 'zod';
import { problemAt, excerpt } from '#errors.ts';
import { versionNotFound } from '#http/normalizer-cache.ts';

/** Path parameters of a stored normalizer. */
export interface StoredParams {
  name: string;
  version?: string;
}

/** A name that is also valid as a model name of the Open Inference Protocol and as a file name. */
const pattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

export const Name = z
  .string()
  .regex(pattern)
  .meta({
    description: 'Up to 128 letters, digits, ".", "_" and "-"; must not start with ".".',
    examples: ['example'],
  });

export const nameParams = z.object({ name: Name });

export const versionParams = z.object({
  name: Name,
  version: z.string().meta({ description: 'A version number.', examples: ['1'] }),
});

/** @throws Problem invalid_request for an invalid name */
export function checkName(given: string, pointer = '/name'): string {
  if (pattern.test(given)) return given;
  throw problemAt(
    'invalid_request',
    pointer,
    `A name has letters, digits, ".", "_" and "-", 128 at most, and does not begin with a "."; this is "${excerpt(given)}".`,
  );
}

/**
 * Reads name and version from a path.
 * @throws Problem not_found for what cannot exist
 */
export function parseTarget(params: unknown): { name: string; version?: number } {
  const { name, version } = params as StoredParams;
  if (!pattern.test(name) || (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)))
    throw versionNotFound(name, version);
  return { name, version: version === undefined ? undefined : Number(version) };
}
