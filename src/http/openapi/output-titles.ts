import type { Document } from './document.ts';

/**
 * Leaves the title out of schemas that zod writes twice, as they are sent and as they are answered (`…Output`): generators
 * that name classes by title would make two of one name.
 */
export function dropOutputTitles({ components }: Document): void {
  for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
    if (name.endsWith('Output')) delete (schema as { title?: string }).title;
  }
}
