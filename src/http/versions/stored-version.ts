import * as z from 'zod';
import { jsonWithFitted } from '#http/response/fitted-json.ts';
import type { StoredVersion } from './store-version.ts';
import { locationOf } from './version-location.ts';

/** What the answer to a dry run has besides. */
export const previewMembers = {
  dry_run: z.boolean().optional(),
  breaking_changes: z
    .array(z.string())
    .optional()
    .meta({ description: 'Of a dry run: why `breaking` would have to be true.' }),
  compared_with: z.int().nullable().optional().meta({ description: 'Of a dry run: the newest version so far.' }),
  diff: z.unknown().optional().meta({ description: 'Of a dry run: how it differs from that, as GET …/diff tells it.' }),
};

/**
 * The answer to a request that stored a version, or would have.
 * @param document JSON; undefined leaves `fitted` out
 * @param rest further members as JSON text without braces
 */
export function storedVersionAnswer({ version, preview }: StoredVersion, document?: Uint8Array, rest = '') {
  const { name, version: number, createdAt } = version;
  return {
    status: preview ? 200 : 201,
    location: preview ? null : locationOf({ name, version: number }),
    body: jsonWithFitted({ name, version: number, created_at: createdAt, ...preview }, document, rest),
  };
}
