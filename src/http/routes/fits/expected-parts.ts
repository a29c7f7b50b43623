import { Problem, problemAt } from '#errors.ts';
import { listNames, nearestName, quoteName } from '#nearest-name.ts';

/** The expected parts: their number or their names. */
export type Expected = number | ReadonlySet<string> | undefined;

/** Maximum names in a message. */
const maxShown = 10;

/**
 * Reads `expected_parts`. Not with zod, because there may be a hundred thousand names, and the first invalid one is
 * enough.
 * @throws Problem invalid_request
 */
export function readExpected(given: unknown): Expected {
  if (given === undefined) return undefined;
  if (typeof given === 'number' && Number.isInteger(given) && given > 0) return given;
  if (!Array.isArray(given) || given.length === 0)
    throw problemAt(
      'invalid_request',
      '/expected_parts',
      'expected_parts must be the number of parts or a list of their names.',
    );
  const bad = given.findIndex((name) => typeof name !== 'string' && !Number.isSafeInteger(name));
  if (bad >= 0)
    throw problemAt('invalid_request', `/expected_parts/${bad}`, 'A part name must be a string or a whole number.');
  return new Set(given.map(String));
}

/** @throws Problem conflict that lists missing or unexpected parts */
export function checkExpected(parts: readonly string[], expected: Expected): void {
  if (expected === undefined) return;
  if (typeof expected === 'number') {
    if (parts.length !== expected)
      throw new Problem('conflict', `There are ${parts.length} parts, but ${expected} are expected.`);
    return;
  }
  const there = new Set(parts);
  const missing = [...expected].filter((name) => !there.has(name));
  const extra = parts.filter((name) => !expected.has(name));
  if (missing.length > 0) {
    // Any number of one digit is near any other.
    const nearest = missing[0].length > 2 ? nearestName(missing[0], extra) : undefined;
    const guess = nearest === undefined ? '.' : `; did you mean ${quoteName(nearest)}, which is there?`;
    throw new Problem('conflict', `Parts are missing: ${listNames(missing, maxShown)}${guess}`);
  }
  if (extra.length > 0) throw new Problem('conflict', `Unexpected parts: ${listNames(extra, maxShown)}.`);
}
