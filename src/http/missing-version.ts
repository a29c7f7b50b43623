import { Problem } from '#errors.ts';
import { nearestName, quoteName } from '#nearest-name.ts';
import type { VersionReference } from '#store/version-details.ts';
import type { Versions } from '#store/versions.ts';

/** Stored names around the wanted one among which the nearest is looked for. */
const maxNeighbours = 1000;

/** Versions that a message names. */
const maxVersions = 10;

/** What to say of a normalizer, or of a version of it, that is not in the store: with the nearest name that is. */
export async function describeMissing(versions: Versions, name: string, version?: VersionReference): Promise<Problem> {
  const there = version === undefined ? [] : await versions.list(name, maxVersions);
  if (there.length > 0) {
    const newest = await versions.find(name);
    const numbers = there.map((one) => one.version).join(', ');
    const list = there.length < maxVersions ? `there are ${numbers}` : `the newest is ${newest?.version}`;
    const told = there.length === 1 ? `there is ${numbers}` : list;
    return new Problem('not_found', `There is no version ${version} of ${quoteName(name)} in the store; ${told}.`);
  }
  const nearest = nearestName(name, await versions.neighbours(name, maxNeighbours));
  const guess = nearest === undefined ? '.' : `; did you mean ${quoteName(nearest)}?`;
  return new Problem('not_found', `There is no normalizer ${quoteName(name)} in the store${guess}`);
}
