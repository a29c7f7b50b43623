import * as z from 'zod';
import type { CommonOptions } from '../method.ts';

/** Normalizers made of others nest up to this many levels. */
const maxDepth = 4;

let everyNormalizer: z.ZodType<CommonOptions> | undefined;

/** Says what `NestedNormalizer` accepts; all methods are known only when every one of them has been read. */
export function defineNestedNormalizer(schema: z.ZodType<CommonOptions>): void {
  everyNormalizer = schema;
}

/** A normalizer among the options of another one. */
export const NestedNormalizer: z.ZodType<CommonOptions> = z.lazy(() => everyNormalizer ?? z.never());

/** What refines a method made of others: `schema.refine(...shallow)`. */
export const shallow = [
  (normalizer: unknown) => nestsWithin(normalizer, maxDepth),
  `normalizers made of others nest up to ${maxDepth} deep, and these nest deeper`,
] as const;

function nestsWithin(value: unknown, levels: number): boolean {
  const inner = normalizersOf(value);
  return inner.length === 0 || (levels > 0 && inner.every((one) => nestsWithin(one, levels - 1)));
}

/** The normalizers among the members of one. */
function normalizersOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const { steps, transformers, normalizer } = value as Record<string, unknown>;
  const inTransformers = Array.isArray(transformers) ? transformers.map((one) => one?.normalizer) : [];
  const all = [...(Array.isArray(steps) ? steps : []), ...inTransformers, normalizer];
  return all.filter((one) => typeof one === 'object' && one !== null);
}

/** Whether a normalizer, or one that it is made of, is of a method. */
export function nestsMethod(value: unknown, method: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    (value as { method?: unknown }).method === method || normalizersOf(value).some((one) => nestsMethod(one, method))
  );
}
