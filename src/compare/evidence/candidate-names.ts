import type { CommonOptions } from '#normalizers/method.ts';
import { withoutDefaults } from '#normalizers/without-defaults.ts';
import type { Axis } from '#tensor/axis.ts';
import type { Comparison } from '#compare/comparison.ts';
import { composedInWords } from '#compare/composed-in-words.ts';
import type { Evidence } from './evidence.ts';

/** Some candidates in a sentence; those of one scope share its words: `minmax, zscore or power per feature`. */
export function listNames(names: readonly string[], and: 'and' | 'or'): string {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const [, method, scope] = /^(\w+) ((?:per|over) [\w ]+)$/.exec(name) ?? [name, name, ''];
    groups.set(scope, [...(groups.get(scope) ?? []), method]);
  }
  const words = [...groups].map(([scope, methods]) => `${listWords(methods, and)} ${scope}`.trim());
  return words.length > 1 && [...groups.values()].some((methods) => methods.length > 1)
    ? words.join(`, ${and} `)
    : listWords(words, and);
}

export function listWords(words: readonly string[], and: 'and' | 'or'): string {
  if (words.length < 2) return words[0] ?? 'none of them';
  return `${words.slice(0, -1).join(', ')} ${and} ${words.at(-1)}`;
}

/** What candidates are called in sentences: `as they are`, `zscore per feature`, `norm per sample`. */
export function namesOf({ normalizers, header }: Comparison, evidence: Evidence): string[] {
  return evidence.normalizers.map((place, i) =>
    i === 0 ? 'as they are' : nameOf(normalizers[place].normalizer, header.shape.length),
  );
}

function nameOf(normalizer: CommonOptions, rank: number): string {
  const composed = composedInWords(normalizer);
  if (composed !== undefined) return `${normalizer.method} (${composed})`;
  const { method, axis: _, nan_policy: __, ...others } = withoutDefaults(normalizer);
  const options = Object.entries(others).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const brackets = options.length > 0 ? ` (${options.join(', ')})` : '';
  return `${method as string} ${scopeInWords(normalizer.axis, rank)}${brackets}`;
}

function scopeInWords(axis: Axis, rank: number): string {
  if (axis === null) return 'over the whole array';
  const reduced = new Set([axis].flat().map((one) => (one < 0 ? one + rank : one)));
  if (reduced.size === rank) return 'over the whole array';
  if (reduced.size === 1 && reduced.has(0)) return rank > 2 ? 'per position' : 'per feature';
  if (!reduced.has(0) && reduced.size === rank - 1) return 'per sample';
  return `along axis ${[...reduced].join(', ')}`;
}
