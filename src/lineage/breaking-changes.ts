import { formatShape } from '#tensor/shape.ts';
import type { Summary } from './summary.ts';

/** A version as far as it decides which data it takes. */
export interface Interface {
  method: string;
  /** Null where it is not known, of versions that an earlier release stored. */
  summary: Summary | null;
}

/** Names that a sentence lists at most. */
const maxListed = 10;

/**
 * Why callers of one version may not be able to use the next one, as sentences: the method, the columns or the shape of the
 * input differ.
 */
export function breakingChanges(before: Interface, after: Interface): string[] {
  const changes: string[] = [];
  if (before.method !== after.method) changes.push(`The method was ${before.method} and is ${after.method}.`);
  if (!before.summary || !after.summary) return changes;
  changes.push(...columnChanges(before.summary, after.summary));
  const shapes = [before.summary, after.summary].map(({ shape }) => formatShape(shape));
  if (shapes[0] !== shapes[1]) changes.push(`The input's shape was ${shapes[0]} and is ${shapes[1]}.`);
  return changes;
}

function columnChanges(before: Summary, after: Summary): string[] {
  const changes: string[] = [];
  if ((before.columns === null) !== (after.columns === null))
    changes.push(before.columns ? 'The columns had names and have none.' : 'The columns had no names and have some.');
  const [was, is] = [before.columns ?? [], after.columns ?? []];
  const gone = was.filter((name) => !is.includes(name));
  const added = before.columns && after.columns ? is.filter((name) => !was.includes(name)) : [];
  if (after.columns && gone.length > 0) changes.push(`Columns are gone: ${list(gone)}.`);
  if (added.length > 0) changes.push(`Columns are new: ${list(added)}.`);
  if (JSON.stringify(before.selected) !== JSON.stringify(after.selected))
    changes.push(`It normalized ${showSelected(before)} and now normalizes ${showSelected(after)}.`);
  return changes;
}

function showSelected({ selected }: Summary): string {
  return selected ? `the columns ${list(selected.map(String))}` : 'all columns';
}

function list(names: readonly string[]): string {
  const more = names.length > maxListed ? ` and ${names.length - maxListed} more` : '';
  return names.slice(0, maxListed).join(', ') + more;
}
