import { Problem } from '#errors.ts';
import { listNames } from '#nearest-name.ts';
import type { CommonOptions, Grouping } from '../method.ts';
import { compositionOf, isShorthand } from './parts.ts';

/** What a group is called: as numbers, booleans and text are in JSON. */
export type GroupKey = string | number | boolean;

/** The groups of a fit. */
export interface Groups {
  /** Sorted: numbers, then text by code units, then false and true. */
  keys: readonly GroupKey[];
  /** The rows of each. */
  rows: Float64Array<ArrayBuffer>;
}

/** Which group each index of axis 0 belongs to. */
export interface GroupIndex {
  /** The groups, where they are being learned. */
  keys?: readonly GroupKey[];
  count: number;
  /** `count` where the group is none of these, or missing. In shared memory. */
  index: Int32Array;
}

/** What tells groupings of a normalizer apart. */
export function groupId({ by, minSamples }: Grouping): string {
  return JSON.stringify([by ?? '', minSamples]);
}

/** The groupings that a normalizer is made with, in the order in which they stand. */
export function groupingsOf(normalizer: CommonOptions): Grouping[] {
  const composition = compositionOf(normalizer);
  if (!composition) return [];
  const own = composition.grouping?.(normalizer);
  const inner = composition.partsOf(normalizer).flatMap((part) => {
    return isShorthand(part.normalizer) ? [] : groupingsOf(part.normalizer);
  });
  return own ? [own, ...inner] : inner;
}

/** The groups that labels name, sorted, and which of them each label is of. */
export function indexGroups(labels: readonly (GroupKey | null)[]): Required<GroupIndex> {
  const places = new Map<GroupKey, number>();
  const found = new Int32Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    const key = labels[row];
    if (key === null || Number.isNaN(key)) {
      found[row] = -1;
      continue;
    }
    let place = places.get(key);
    if (place === undefined) places.set(key, (place = places.size));
    found[row] = place;
  }
  const seen = [...places.keys()];
  const order = seen.map((_, at) => at).sort((a, b) => compareKeys(seen[a], seen[b]));
  const rank = new Int32Array(seen.length);
  order.forEach((at, place) => (rank[at] = place));
  const index = sharedIndex(labels.length);
  for (let row = 0; row < found.length; row++) index[row] = found[row] < 0 ? seen.length : rank[found[row]];
  return { keys: order.map((at) => seen[at]), count: seen.length, index };
}

/** Which of the groups of a fit each label is of. A key that was a number at the fit compares as a number. */
export function findGroups(
  labels: readonly (GroupKey | null)[],
  { keys, rows }: Groups,
  { unseen, minSamples }: Grouping,
): GroupIndex {
  const places = placesOf(keys);
  const areNumbers = keys.every((key) => typeof key === 'number');
  const count = keys.length;
  const index = sharedIndex(labels.length);
  const missing = new Set<string>();
  for (let row = 0; row < labels.length; row++) {
    const key = likeKeys(labels[row], areNumbers);
    const place = key === null ? undefined : places.get(key);
    const isSeen = place !== undefined && rows[place] >= minSamples;
    index[row] = isSeen ? place : count;
    if (!isSeen && unseen === 'error' && missing.size < 10) missing.add(String(labels[row]));
  }
  if (missing.size > 0) throw unseenGroups([...missing]);
  return { count, index };
}

/** The groups of fewer rows. */
export function smallGroups({ index, count }: GroupIndex, minSamples: number): number[] {
  if (minSamples <= 1) return [];
  const rows = new Float64Array(count + 1);
  for (const group of index) rows[group]++;
  return [...rows.keys()].filter((group) => group < count && rows[group] < minSamples);
}

/** What is wrong with rows of groups that the fit did not see. */
export function unseenGroups(keys: readonly string[]): Problem {
  const [what, were] = keys.length === 1 ? ['The group', 'was'] : ['The groups', 'were'];
  const detail = `${what} ${listNames(keys)} ${were} not seen by the fit, or with fewer rows than min_samples, which unseen 'error' rejects; 'global' takes the parameters of all data, 'nan' gives NaN.`;
  return new Problem('unseen_groups', detail);
}

const known = new WeakMap<readonly GroupKey[], Map<GroupKey, number>>();

function placesOf(keys: readonly GroupKey[]): Map<GroupKey, number> {
  let places = known.get(keys);
  if (!places) known.set(keys, (places = new Map(keys.map((key, at) => [key, at]))));
  return places;
}

function likeKeys(label: GroupKey | null, areNumbers: boolean): GroupKey | null {
  if (label === null || Number.isNaN(label)) return null;
  if (areNumbers) return typeof label === 'string' && label.trim() !== '' ? Number(label) : label;
  return typeof label === 'number' ? String(label) : label;
}

function sharedIndex(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Math.max(length, 1) * 4), 0, length);
}

const kinds = ['number', 'string', 'boolean'];

function compareKeys(a: GroupKey, b: GroupKey): number {
  const kind = kinds.indexOf(typeof a) - kinds.indexOf(typeof b);
  return kind !== 0 ? kind : a < b ? -1 : Number(a > b);
}

/** The groups of several fits together, and where each fit's groups are among them. */
export function joinGroups(all: readonly Groups[]): { groups: Groups; places: Int32Array[] } {
  const every = new Set(all.flatMap(({ keys }) => keys));
  const keys = [...every].sort(compareKeys);
  const placeOf = placesOf(keys);
  const rows = new Float64Array(keys.length);
  const places = all.map((groups) => {
    const own = Int32Array.from(groups.keys, (key) => placeOf.get(key) ?? 0);
    own.forEach((place, at) => (rows[place] += groups.rows[at]));
    return own;
  });
  return { groups: { keys, rows }, places };
}
