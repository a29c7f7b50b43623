import { max } from 'd3-array';
import type * as z from 'zod';
import { Problem, type Place, problemAt, excerpt, quote } from '#errors.ts';
import { timePhaseSync } from '#telemetry/timeline.ts';
import { describeIssue, joinPredicates, toSentence } from './describe-issue.ts';

/** Maximum items of a list of anything but numbers, whose items the schema checks one by one. */
const maxItems = 1000;

/** The same, of lists that have an item for every column. */
const maxTensors = 100_000;

/** Lists with an item for every column or sample, which their schemas check as a whole. */
const longLists = new Set(['columns', 'passed_through', 'labels', 'groups', 'folds', 'feature_names_in_']);

/** Maximum places that one error lists. */
const maxPlaces = 10;

/**
 * Checks a request against its schema.
 * @throws Problem invalid_request with what is wrong, and where as a JSON pointer
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = timePhaseSync('validate', () => {
    checkLists(value, '');
    return schema.safeParse(value, { error: describeIssue, reportInput: true });
  });
  if (result.success) return result.data;
  const places = result.error.issues.slice(0, maxPlaces).flatMap((issue) => placesOf(issue, []));
  const [first] = places;
  const more = result.error.issues.length > 1 ? ` (and ${result.error.issues.length - 1} more)` : '';
  throw new Problem(
    'invalid_request',
    `${first.pointer || 'The request'}: ${first.detail}${more}`,
    places.slice(0, maxPlaces),
  );
}

/**
 * Rejects long lists before the schema sees them, because it reports every bad item, which takes seconds for hundreds
 * of thousands. Lists of numbers, and of lists, are exempt: they are checked as a whole.
 */
function checkLists(value: unknown, pointer: string, listName = ''): void {
  if (typeof value !== 'object' || value === null || longLists.has(listName)) return;
  if (Array.isArray(value)) {
    // Not value[0]: see parse-tensor.ts.
    const first: unknown = value.at(0);
    if (typeof first === 'number' || first === null) return;
    const most = listName === 'inputs' || listName === 'outputs' ? maxTensors : maxItems;
    if (value.length > most) {
      if (Array.isArray(first)) return;
      const detail = `This list has ${value.length} items; the maximum is ${most}.`;
      throw problemAt('invalid_request', pointer, detail);
    }
  }
  for (const [name, member] of Object.entries(value)) {
    // What merging needs has lists as long as there are slices, and its own reader (see json/fitted-state.ts).
    if (name !== 'state') checkLists(member, `${pointer}/${excerpt(name)}`, name);
  }
}

function placesOf(issue: z.core.$ZodIssue, above: PropertyKey[]): Place[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const details = issue.message.split('\n');
    return issue.keys.map((key, at) => ({ pointer: pointerOf([...path, key]), detail: details[at] }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return unionPlaces(issue, path);
  return [{ pointer: pointerOf(path), detail: detailOf(issue.message, issue.input, path) }];
}

/** Of a union, the branch that got furthest tells most. */
function unionPlaces(issue: z.core.$ZodIssueInvalidUnion, path: PropertyKey[]): Place[] {
  const deepest = issue.errors.toSorted((a, b) => depth(b) - depth(a));
  if (depth(deepest[0]) > 0) return deepest[0].flatMap((one) => placesOf(one, path));
  const own = issue.message.startsWith('must ')
    ? issue.message
    : joinPredicates(issue.errors.map(([one]) => one.message));
  return [{ pointer: pointerOf(path), detail: detailOf(own, issue.input, path) }];
}

function detailOf(message: string, input: unknown, path: readonly PropertyKey[]): string {
  const name = path.at(-1);
  if (input !== undefined || name === undefined || !message.startsWith('must ')) return toSentence(message, input);
  return `The member ${quote(String(name))} is missing: it ${message}.`;
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return max(issues, (issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)) ?? 0;
}

/** A JSON pointer (RFC 6901). */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${excerpt(String(part)).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
