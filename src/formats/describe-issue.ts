import type * as z from 'zod';
import { quote } from '#errors.ts';
import { describeUnknown, listAlternatives } from '#nearest-name.ts';

type RawIssue = z.core.$ZodRawIssue;

/** What zod calls types, in words. */
const types: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'an integer',
  null: 'null',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'text',
  tuple: 'a list',
};

/**
 * What is wrong at a place, in zod's own words' stead: a predicate (`must be an integer`), or whole sentences, one a line,
 * where names are unknown.
 */
export function describeIssue(issue: RawIssue): string | undefined {
  if (issue.code === 'invalid_type') return `must be ${describeType(issue)}`;
  if (issue.code === 'invalid_value') return describeChoice(issue);
  if (issue.code === 'too_small') return describeLimit('at least', issue.minimum, issue);
  if (issue.code === 'too_big') return describeLimit('at most', issue.maximum, issue);
  if (issue.code === 'invalid_union') return describeDiscriminator(issue);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => describeUnknownMember(key, issue)).join('\n');
  return undefined;
}

/** The sentence of a predicate, with what was there instead. */
export function toSentence(message: string, input: unknown): string {
  if (!message.startsWith('must ')) {
    return /[.!?]$/.test(message) ? message : `${message[0].toUpperCase()}${message.slice(1)}.`;
  }
  const isTold = input === undefined || Number.isNaN(input) || message.startsWith('must not ');
  if (isTold || (Array.isArray(input) && message.includes('list'))) return `This ${message}.`;
  if (Array.isArray(input) && message.startsWith('must have ')) return `This ${message}; it has ${input.length}.`;
  const isNumeric = typeof input === 'string' && input.trim() !== '' && Number.isFinite(Number(input));
  const hint = isNumeric && /number|integer|axis/.test(message) ? `: write ${input.trim()} without quotes` : '';
  return `This ${message}, not ${describeInput(input)}${hint}.`;
}

/** The predicates of a union's branches as one: `must be a number, a list or null`. */
export function joinPredicates(messages: readonly string[]): string {
  const kinds = messages.flatMap((message) => message.replace(/^must be /, '').split(/ or |, /));
  return `must be ${joinWords([...new Set(kinds)])}`;
}

function describeType(issue: RawIssue & { expected?: unknown }): string {
  const discriminator = ofSchema(issue)?.discriminator;
  if (typeof issue.input === 'string' && typeof discriminator === 'string')
    return `an object such as ${JSON.stringify({ [discriminator]: issue.input.slice(0, 40) })}`;
  return types[String(issue.expected)] ?? String(issue.expected);
}

/** One of several values: names are looked for nearby. */
function describeChoice({ values, input, path }: RawIssue & { values: readonly unknown[] }): string {
  const isNames = values.every((value) => typeof value === 'string');
  const what = path?.findLast((part) => typeof part === 'string');
  if (isNames && typeof input === 'string' && typeof what === 'string') return describeUnknown(what, input, values);
  return `must be ${joinWords(values.map((value) => JSON.stringify(value)))}`;
}

function describeLimit(side: string, limit: unknown, { origin }: RawIssue & { origin?: unknown }): string {
  if (origin === 'array') return `must have ${side} ${plural(limit, 'item')}`;
  if (origin === 'string') return `must have ${side} ${plural(limit, 'character')}`;
  return `must be ${side} ${limit}`;
}

/** @param issue of a strict object: an option, where the object is a method's */
function describeUnknownMember(key: string, issue: RawIssue): string {
  const shape = ofSchema(issue)?.shape as Record<string, { _zod: { def: { values?: string[] } } }> | undefined;
  const [method] = shape?.method?._zod.def.values ?? [];
  const names = Object.keys(shape ?? {}).filter((name) => name !== 'method' || method === undefined);
  return method === undefined
    ? describeUnknown('member', key, names)
    : describeUnknown('option', key, names, ` of ${method}`);
}

/** The member of an object that says what it is, such as `method`; undefined for any other union. */
function describeDiscriminator(issue: RawIssue): string | undefined {
  const { discriminator, options, input } = issue as { discriminator?: string; options?: unknown[]; input: unknown };
  if (discriminator === undefined || !options) return undefined;
  const names = options.map(String);
  const given = (input as Record<string, unknown>)[discriminator];
  if (typeof given === 'string') return describeUnknown(discriminator, given, names);
  if (given === undefined)
    return `The member ${quote(discriminator)} is missing; it is one of ${listAlternatives(names)}.`;
  return `must be one of ${listAlternatives(names)}`;
}

function describeInput(input: unknown): string {
  if (typeof input === 'string') return quote(input, 40);
  if (Array.isArray(input)) return input.length === 0 ? 'an empty list' : 'a list';
  return typeof input === 'object' && input !== null ? 'an object' : String(input);
}

/** The definition of the schema that raised an issue; zod's own, which has no type for all kinds. */
function ofSchema({ inst }: RawIssue): Record<string, unknown> | undefined {
  return inst?._zod.def as unknown as Record<string, unknown> | undefined;
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function plural(count: unknown, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
