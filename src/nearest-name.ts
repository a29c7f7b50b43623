import { distance } from 'fastest-levenshtein';

/** Names of which a nearest one is looked for, and characters of each: a request may have a million columns. */
const maxCompared = 1000;
const maxLength = 80;

/** Names that a message lists. */
const maxListed = 20;

/**
 * The name that somebody probably meant: at most a third of its letters differ, or one of two, whatever their case. Undefined
 * where none is that near: of a name of one letter, only its case or what stands around it.
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const wanted = simplified(name);
  let nearest: string | undefined;
  let least = (wanted.length === 1 ? 0 : Math.max(1, Math.floor(wanted.length / 3))) + 1;
  let compared = 0;
  for (const candidate of names) {
    if (++compared > maxCompared) break;
    const other = simplified(candidate);
    if (Math.abs(other.length - wanted.length) >= least) continue;
    const apart = areSwapped(wanted, other) ? 1 : distance(wanted, other);
    if (apart < least) [least, nearest] = [apart, candidate];
  }
  return nearest;
}

/** Whether two names differ in two neighbouring letters that have changed places, as quick fingers have them. */
function areSwapped(one: string, other: string): boolean {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const swapped = one.slice(0, at) + (one[at + 1] ?? '') + (one[at] ?? '') + one.slice(at + 2);
  return at + 1 < one.length && swapped === other;
}

function simplified(name: string): string {
  return name
    .slice(0, maxLength)
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_');
}

/**
 * What to say of a name that does not exist: `There is no method "zscor"; did you mean "zscore"?`, and the names that there
 * are, where these are few or none is near.
 * @param what what the name would be of: `method`, `column`
 * @param of what it is looked for in, where that is not plain: ` of minmax`
 */
export function describeUnknown(what: string, name: string, names: readonly string[], of = ''): string {
  const fault = `There is no ${what} ${quoteName(name)}${of}`;
  if (names.length === 0) return `${fault}: there is none at all.`;
  const list = `here ${names.length === 1 ? 'is' : 'are'} ${listNames(names)}.`;
  const nearest = nearestName(name, names);
  if (nearest === undefined) return `${fault}: t${list}`;
  const guess = `${fault}; did you mean ${quoteName(nearest)}?`;
  return names.length > 1 && names.length <= maxListed ? `${guess} T${list}` : guess;
}

/** `"a"`, `"a" and "b"`, `"a", "b" and 7 more`. */
export function listNames(names: readonly string[], max = maxListed): string {
  return joinNames(names, max, 'and');
}

/** The same of names that one is to be chosen of: `"a" or "b"`. */
export function listAlternatives(names: readonly string[]): string {
  return joinNames(names, maxListed, 'or');
}

function joinNames(names: readonly string[], max: number, conjunction: string): string {
  const shown = names.slice(0, names.length > max ? max - 1 : max).map(quoteName);
  const last = shown.length < names.length ? `${names.length - shown.length} more` : shown.pop();
  return shown.length === 0 ? `${last}` : `${shown.join(', ')} ${conjunction} ${last}`;
}

/** A name in a message. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > maxLength ? `${name.slice(0, maxLength)}…` : name);
}
