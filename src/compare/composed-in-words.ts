import type { CommonOptions, Part } from '#normalizers/method.ts';
import { compositionOf, isShorthand } from '#normalizers/composition/parts.ts';

/** Columns that a name lists at most. */
const maxListed = 3;

/** What a normalizer is made of: `log, then zscore`; undefined of a plain one. */
export function composedInWords(normalizer: CommonOptions): string | undefined {
  const composition = compositionOf(normalizer);
  if (!composition) return undefined;
  const parts = composition.partsOf(normalizer);
  if (composition.kind === 'sequence') return parts.map(partInWords).join(', then ');
  if (composition.kind === 'groups') {
    const by = composition.grouping?.(normalizer).by;
    return `${partInWords(parts[0])} within groups${by === undefined ? '' : ` of ${by}`}`;
  }
  return parts.map((part) => `${partInWords(part)} of ${columnsInWords(part)}`).join('; ');
}

function partInWords({ normalizer }: Part): string {
  if (isShorthand(normalizer)) return normalizer;
  return composedInWords(normalizer) ?? normalizer.method;
}

function columnsInWords({ columns = [] }: Part): string {
  const more = columns.length > maxListed ? ` and ${columns.length - maxListed} more` : '';
  return columns.slice(0, maxListed).join(', ') + more;
}
