import * as z from 'zod';
import type { Summary } from '#lineage/summary.ts';
import type { VersionDetails } from '#store/version-details.ts';

/** What is told of a version beside its document. */
export const VersionInfo = z
  .object({
    name: z.string(),
    version: z.int().meta({ description: 'Of a name: 1, 2, 3, …' }),
    method: z.string(),
    created_at: z.string().meta({ description: 'ISO 8601, UTC.' }),
    created_by: z.string().nullable().meta({ description: 'The name of the key or token that stored it.' }),
    description: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
    aliases: z.array(z.string()).meta({ description: 'The aliases that name it now.' }),
    columns: z.array(z.string()).nullable().meta({ description: 'Of the table it was fitted on; null without names.' }),
    selected: z.array(z.int()).nullable().meta({ description: 'Indexes of the columns it normalizes; null for all.' }),
    shape: z.array(z.int().nullable()).nullable().meta({ description: 'Of the input; null where a batch may differ.' }),
    dtype: z.string().nullable(),
    n_samples_seen: z.unknown().meta({ description: 'As in the document; of very many slices the largest alone.' }),
    scope: z.string().nullable(),
  })
  .meta({ id: 'Version', description: 'A version of a stored normalizer. Its document never changes.' });

export function toVersionInfo(details: VersionDetails): z.output<typeof VersionInfo> {
  const { name, version, method, createdAt, createdBy, description, tags, aliases } = details;
  const summary = details.summary === null ? null : (JSON.parse(details.summary) as Summary);
  return {
    name,
    version,
    method,
    created_at: createdAt,
    created_by: createdBy,
    description,
    tags: { ...tags },
    aliases: [...aliases],
    columns: summary?.columns ?? null,
    selected: summary?.selected ?? null,
    shape: summary?.shape ?? null,
    dtype: summary?.dtype ?? null,
    n_samples_seen: summary?.n_samples_seen ?? null,
    scope: summary?.scope ?? null,
  };
}
