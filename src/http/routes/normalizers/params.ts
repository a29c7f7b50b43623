import * as z from 'zod';
import { problemAt, excerpt } from '#errors.ts';
import type { VersionReference } from '#store/version-details.ts';
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
  version: z.string().meta({ description: 'A version number, an alias, or "latest".', examples: ['1'] }),
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

/** No number, and not the name of the newest version. */
export const Alias = z
  .string()
  .regex(/^(?!latest$)(?!\d+$)[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/)
  .meta({ description: 'As a name, but no number, and not "latest".', examples: ['production'] });

/**
 * Reads name and version from a path.
 * @throws Problem not_found for what cannot exist
 */
export function parseTarget(params: unknown): { name: string; version: VersionReference } {
  const { name, version } = params as StoredParams;
  if (!pattern.test(name)) throw versionNotFound(name, version);
  if (version === undefined || version === 'latest') return { name, version: undefined };
  if (/^[1-9]\d{0,8}$/.test(version)) return { name, version: Number(version) };
  if (Alias.safeParse(version).success) return { name, version };
  throw versionNotFound(name, version);
}
