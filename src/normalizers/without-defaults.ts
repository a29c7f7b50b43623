import type { CommonOptions } from './method.ts';
import { methodOf } from './normalizer.ts';

/** The method, and those of a normalizer's options that are not the method's default. */
export function withoutDefaults(normalizer: CommonOptions): Record<string, unknown> {
  const { method } = normalizer;
  const usual = methodOf(normalizer).schema.safeParse({ method }).data;
  const given = Object.entries(normalizer).filter(
    ([name, value]) =>
      value !== undefined && JSON.stringify(value) !== JSON.stringify(usual?.[name as keyof CommonOptions]),
  );
  return { method, ...Object.fromEntries(given) };
}
