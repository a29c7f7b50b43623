import * as z from 'zod';
import { type Fitted, fittedLeaves } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { methodOf, Normalizer } from '#normalizers/normalizer.ts';
import { outputColumns } from '#normalizers/composition/output-columns.ts';
import { compositionOf, isInvertible, isShorthand, learns, whyUnmergeable } from '#normalizers/composition/parts.ts';
import { profiledShape } from '#normalizers/composition/profiled-slices.ts';
import { dtypes } from '#tensor/dtype.ts';
import { maxRank, formatShape } from '#tensor/shape.ts';
import { stateToJson, stateVersion } from './fitted-state.ts';
import { nestedList } from '#formats/json/format-tensor.ts';
import { ProfileDocument, profileState, profileToJson, readProfile } from '#formats/json/profile.ts';
import { misfit, readLearned, resolveInDocument } from './read-learned.ts';
import { collapseIfUniform } from '#formats/json/statistics.ts';

/** Members of `state` that a document with nothing but a profile has. */
const profileMembers = ['version', 'profile'];

const nestedNumbers = z.unknown().meta({
  description: 'One value per slice, as nested lists in the shape of the input without the reduced axes; null is NaN.',
});

/** Names, checked as one. */
const columnNames = z
  .unknown()
  .refine((list) => Array.isArray(list) && list.every((name) => typeof name === 'string'), 'must be a list of strings')
  .meta({ type: 'array', items: { type: 'string' } }) as unknown as z.ZodType<string[]>;

/** A fitted normalizer as a client keeps it. */
export const FittedDocument = z
  .strictObject({
    normalizer: Normalizer,
    input: z.strictObject({
      dtype: z.enum(dtypes),
      shape: z
        .array(z.int().min(0).nullable())
        .max(maxRank)
        .meta({ description: 'null where another batch may differ.' }),
      columns: columnNames.optional().meta({
        description: 'Of a table: its columns of numbers and booleans, in their order, as they are in the array.',
      }),
      passed_through: columnNames.optional().meta({ description: 'The other columns of the table.' }),
    }),
    parameters: z.record(z.string(), nestedNumbers).meta({
      description:
        'By name. Of a normalizer made of others a list of such objects, called as its option is: transformers or steps.',
    }),
    n_samples_seen: nestedNumbers,
    scope: z.enum(['dataset', 'sample', 'mixed']),
    invertible: z.boolean(),
    mergeable: z.boolean(),
    approximate: z
      .boolean()
      .optional()
      .meta({ description: 'Whether the quantiles come from a sketch, with a rank error of at most 0.005.' }),
    profile: ProfileDocument.optional(),
    state: z
      .looseObject({ version: z.literal(stateVersion) })
      .optional()
      .meta({ description: 'Internal state for merging; opaque to clients.' }),
  })
  .meta({
    id: 'Fitted',
    description: 'A fitted normalizer: everything transform needs, in one self-contained document.',
  });

type FittedDocument = z.output<typeof FittedDocument>;

export function fittedToJson(fitted: Fitted): FittedDocument {
  const { normalizer, scope, profile } = fitted;
  const approximate = fittedLeaves(fitted).map((leaf) => leaf.approximate);
  const mergeable = isMergeable(fitted);
  const state = mergeable ? statesToJson(fitted) : undefined;
  return {
    normalizer: columnsToNames(fitted),
    input: inputToJson(fitted.input),
    parameters: parametersToJson(fitted),
    n_samples_seen: samplesSeenToJson(fitted),
    scope,
    invertible: isInvertible(normalizer),
    mergeable,
    ...(approximate.every((one) => one === undefined) ? {} : { approximate: approximate.includes(true) }),
    ...(profile ? { profile: profileToJson(profile, profiledShape(fitted)) } : {}),
    ...(state || profile ? { state: { version: stateVersion, ...state, ...profileMember(profile) } } : {}),
  };
}

/** Whether others that were fitted on more data merge with it: what it learned of the data as a whole has a state. */
function isMergeable(fitted: Fitted): boolean {
  if (whyUnmergeable(fitted.normalizer)) return false;
  return (
    fitted.scope !== 'sample' &&
    fittedLeaves(fitted).every(({ scope, states }) => scope === 'sample' || states !== undefined)
  );
}

/** The list of its parts among the members of a document. */
function memberOf(normalizer: CommonOptions): string {
  return compositionOf(normalizer)?.member ?? '';
}

function parametersToJson(fitted: Fitted): Record<string, unknown> {
  const { parts, normalizer, groups } = fitted;
  if (parts && groups) {
    const [own, global] = parts.map((part) => part && parametersToJson(part));
    return { groups: groups.keys, ...own, ...(global ? { global } : {}) };
  }
  if (parts) return { [memberOf(normalizer)]: parts.map((part) => (part ? parametersToJson(part) : {})) };
  const lists = parameterArrays(fitted).map(({ name, values, shape }) => [name, nestedList(values, shape)] as const);
  return Object.fromEntries(lists);
}

function statesToJson({ normalizer, parts, states, sketches, groups }: Fitted): Record<string, unknown> {
  if (parts && groups) {
    const [own, global] = parts.map((part) => part && statesToJson(part));
    return { groups: own, ...(global ? { global } : {}) };
  }
  if (parts) return { [memberOf(normalizer)]: parts.map((part) => (part ? statesToJson(part) : {})) };
  return stateToJson(methodOf(normalizer).reductions(normalizer), states, sketches);
}

/** The options with the columns by name, where a table had names. */
export function columnsToNames({ normalizer, input }: Pick<Fitted, 'normalizer' | 'input'>): CommonOptions {
  return input.columns ? withNames(normalizer, input.columns) : normalizer;
}

function withNames(normalizer: CommonOptions, names: readonly string[]): CommonOptions {
  const composition = compositionOf(normalizer);
  const toNames = (columns: readonly (number | string)[]) =>
    columns.map((column) => (typeof column === 'number' ? names[column] : column));
  const named = normalizer.columns ? { ...normalizer, columns: toNames(normalizer.columns) } : normalizer;
  if (!composition) return named;
  let taken = (named.columns as string[] | undefined) ?? names;
  const parts = composition.partsOf(normalizer).map((part) => {
    const columns = part.columns && toNames(part.columns);
    if (isShorthand(part.normalizer)) return { ...part, columns };
    const own = columns ?? taken;
    const inner = withNames(part.normalizer, own);
    const outputs = columns ? undefined : outputColumns(part.normalizer, own.length);
    if (outputs) taken = outputs.map(({ at, name }) => name ?? own[at]);
    return { columns, normalizer: inner };
  });
  return composition.withParts(named, parts);
}

function inputToJson({ dtype, shape, columns, passedThrough }: Fitted['input']): FittedDocument['input'] {
  if (!columns) return { dtype, shape };
  return { dtype, shape, columns: [...columns], passed_through: [...(passedThrough ?? [])] };
}

function inputFromJson({ input }: FittedDocument, pointer: string): Fitted['input'] {
  const { dtype, shape, columns, passed_through: passedThrough } = input;
  if (!columns) return { dtype, shape };
  const place = `${pointer}/input/columns`;
  const width = shape.length === 2 ? shape[1] : undefined;
  if (width === undefined || (width !== null && width !== columns.length)) {
    throw misfit(place, `There are ${columns.length} names for data of shape ${formatShape(shape)}.`);
  }
  if (new Set(columns).size < columns.length) throw misfit(place, 'Two of these columns have one name.');
  return { dtype, shape, columns, passedThrough: passedThrough ?? [] };
}

/** The parameters of a normalizer and of those that it is made of: `transformers.1.steps.0.mean`. */
export function allParameterArrays(fitted: Fitted, prefix = ''): ReturnType<typeof parameterArrays> {
  const { parts } = fitted;
  if (!parts) return parameterArrays(fitted).map((one) => ({ ...one, name: prefix + one.name }));
  return parts.flatMap((part, at) => (part ? allParameterArrays(part, prefix + pathOfPart(fitted, at)) : []));
}

/** What the names of a part's parameters begin with. */
export function pathOfPart({ groups, normalizer }: Fitted, at: number): string {
  if (groups) return at === 0 ? '' : 'global.';
  return `${memberOf(normalizer)}.${at}.`;
}

/** The parameters with their shapes: that of the input without the reduced axes, behind an axis for landmarks. */
function parameterArrays({ normalizer, parameters, keptShape: kept }: Fitted) {
  const method = methodOf(normalizer);
  const slices = kept.reduce((product, length) => product * length, 1);
  return Object.entries(parameters).map(([name, values]) => {
    const along = method.parameters[name] ?? 'slices';
    const landmarks =
      along === 'slices' ? [] : [along === 'landmarks' ? values.length : values.length / Math.max(slices, 1)];
    return { name, values, shape: [...landmarks, ...(along === 'landmarks' ? [] : kept)] };
  });
}

/** One number if it is the same for every slice, otherwise nested lists in their shape; of parts, a list of theirs. */
export function samplesSeenToJson({ samplesSeen, keptShape: kept, parts, normalizer, groups }: Fitted): unknown {
  if (parts && groups) {
    const [own, global] = parts.map((part) => part && samplesSeenToJson(part));
    return { rows: [...groups.rows], groups: own, ...(global === undefined ? {} : { global }) };
  }
  if (parts) return { [memberOf(normalizer)]: parts.map((part) => (part ? samplesSeenToJson(part) : null)) };
  return typeof samplesSeen === 'number' ? samplesSeen : collapseIfUniform(samplesSeen, kept);
}

/**
 * Reads a fitted document, to the bit what was written.
 * @throws Problem invalid_request with a pointer to what is wrong
 */
export function fittedFromJson(document: FittedDocument, pointer = '/fitted'): Fitted {
  const { scope, state } = document;
  const input = inputFromJson(document, pointer);
  const places = {
    normalizer: `${pointer}/normalizer`,
    parameters: `${pointer}/parameters`,
    samplesSeen: `${pointer}/n_samples_seen`,
    state: `${pointer}/state`,
  };
  const row = { length: input.shape.at(-1) ?? Infinity, names: input.columns };
  const normalizer = resolveInDocument(document.normalizer, row, places.normalizer);
  // Without it, all that `state` has is a profile; what learns nothing merges without any.
  const hasStates = state && !Object.keys(state).every((name) => profileMembers.includes(name));
  const merges = hasStates || (document.mergeable && !learns(normalizer)) ? state : undefined;
  const learned = { parameters: document.parameters, samplesSeen: document.n_samples_seen, state: merges, places };
  const fitted = readLearned(normalizer, input, learned);
  if (scope !== fitted.scope) throw misfit(`${pointer}/scope`, `The scope of this normalizer is "${fitted.scope}".`);
  const slices = profiledShape(fitted).reduce((product, length) => product * length, 1);
  const profile = readProfileIn(state, slices, `${places.state}/profile`);
  return { ...fitted, approximate: document.approximate, profile };
}

function readProfileIn(state: FittedDocument['state'], slices: number, pointer: string): Fitted['profile'] {
  return state && 'profile' in state ? readProfile(state.profile, slices, pointer) : undefined;
}

/** A fitted document as JSON, UTF-8. */
export function writeFitted(fitted: Fitted): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(fittedToJson(fitted)));
}

/** Reads what `writeFitted` of this or an older version of the service wrote. */
export function readFitted(document: Uint8Array): Fitted {
  return fittedFromJson(FittedDocument.parse(JSON.parse(new TextDecoder().decode(document))));
}

function profileMember(profile: Fitted['profile']) {
  return profile ? { profile: profileState(profile) } : {};
}
