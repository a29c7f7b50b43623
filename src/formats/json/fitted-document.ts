import { selectedShape } from '#tensor/shape.ts';
import * as z from 'zod';
import { problemAt, quote } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions, Parameters, ResolvedOptions } from '#normalizers/method.ts';
import { methodOf, Normalizer } from '#normalizers/normalizer.ts';
import { scopeOf } from '#normalizers/scope.ts';
import { keptShape, reducedAxes } from '#tensor/axis.ts';
import { dtypes } from '#tensor/dtype.ts';
import { maxRank, formatShape } from '#tensor/shape.ts';
import { readSketches, readState, stateToJson, stateVersion } from './fitted-state.ts';
import { nestedList } from './format-tensor.ts';
import { decodeJsonTensor } from './parse-tensor.ts';
import { ProfileDocument, profileState, profileToJson, readProfile } from './profile.ts';
import { collapseIfUniform } from './statistics.ts';

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
    parameters: z.record(z.string(), nestedNumbers),
    n_samples_seen: nestedNumbers,
    scope: z.enum(['dataset', 'sample']),
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
  const { normalizer, scope, states, sketches, approximate, profile } = fitted;
  const method = methodOf(normalizer);
  const lists = parameterArrays(fitted).map(({ name, values, shape }) => [name, nestedList(values, shape)] as const);
  return {
    normalizer: columnsToNames(fitted),
    input: inputToJson(fitted.input),
    parameters: Object.fromEntries(lists),
    n_samples_seen: samplesSeenToJson(fitted),
    scope,
    invertible: method.isInvertible?.(normalizer) ?? method.invertible,
    mergeable: method.mergeable && scope === 'dataset' && states !== undefined,
    ...(approximate === undefined ? {} : { approximate }),
    ...(profile ? { profile: profileToJson(profile, fitted.keptShape) } : {}),
    ...(states || profile
      ? { state: { ...stateToJson(method.reductions(normalizer), states, sketches), ...profileMember(profile) } }
      : {}),
  };
}

/** The options with the columns by name, where a table had names. */
export function columnsToNames({ normalizer, input }: Pick<Fitted, 'normalizer' | 'input'>): CommonOptions {
  const { columns } = normalizer;
  const names = input.columns;
  return columns && names ? { ...normalizer, columns: columns.map((column) => names[column]) } : normalizer;
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

/** The options with the columns by index. */
function columnsToIndexes(normalizer: CommonOptions, names: readonly string[] = [], pointer: string): ResolvedOptions {
  if (!normalizer.columns) return normalizer as ResolvedOptions;
  const places = new Map(names.map((name, at) => [name, at]));
  const columns = normalizer.columns.map((column, at) => {
    const index = typeof column === 'number' ? column : places.get(column);
    if (index !== undefined) return index;
    throw misfit(
      `${pointer}/normalizer/columns/${at}`,
      `There is no column ${quote(String(column))} in input.columns.`,
    );
  });
  return { ...normalizer, columns };
}

/** The parameters with their shapes: that of the input without the reduced axes, behind an axis for landmarks. */
export function parameterArrays({ normalizer, parameters, keptShape: kept }: Fitted) {
  const method = methodOf(normalizer);
  const slices = kept.reduce((product, length) => product * length, 1);
  return Object.entries(parameters).map(([name, values]) => {
    const along = method.parameters[name] ?? 'slices';
    const landmarks =
      along === 'slices' ? [] : [along === 'landmarks' ? values.length : values.length / Math.max(slices, 1)];
    return { name, values, shape: [...landmarks, ...(along === 'landmarks' ? [] : kept)] };
  });
}

/** One number if it is the same for every slice, otherwise nested lists in their shape. */
export function samplesSeenToJson({ samplesSeen, keptShape: kept }: Fitted): unknown {
  return typeof samplesSeen === 'number' ? samplesSeen : collapseIfUniform(samplesSeen, kept);
}

/**
 * Reads a fitted document, to the bit what was written.
 * @throws Problem invalid_request with a pointer to what is wrong
 */
export function fittedFromJson(document: FittedDocument, pointer = '/fitted'): Fitted {
  const { scope } = document;
  const input = inputFromJson(document, pointer);
  const method = methodOf(document.normalizer);
  const plain = columnsToIndexes(document.normalizer, input.columns, pointer);
  const picked = selectedShape(input.shape, plain.columns);
  const normalizer = (method.resolveDefaults?.(plain, picked) ?? plain) as ResolvedOptions;
  const reduced = reducedAxes(normalizer.axis, input.shape.length, `${pointer}/normalizer/axis`);
  const expected = scopeOf(method, reduced);
  if (scope !== expected) throw misfit(`${pointer}/scope`, `The scope of this normalizer is "${expected}".`);
  const { parameters, kept: found } = readParameters(document, keptShape(picked, reduced), pointer);
  const { tensor: seen, form } = decodeJsonTensor(document.n_samples_seen, `${pointer}/n_samples_seen`);
  if (form !== 'nested') throw misfit(`${pointer}/n_samples_seen`, 'Expected a number or nested lists of numbers.');
  const counts = new Float64Array(seen.buffer);
  // Without parameters, nothing but their number tells which samples the document belongs to.
  const kept = found.map((length) => length ?? counts[0]);
  const slices = kept.reduce((product, length) => product * length, 1);
  if (seen.shape.length > 0 && counts.length !== slices) {
    throw misfit(`${pointer}/n_samples_seen`, `Expected one number, or one for each of ${slices} slices.`);
  }
  // Without it, all that `state` has is a profile.
  const { state } = document;
  const merges = state && Object.keys(state).every((name) => profileMembers.includes(name)) ? undefined : state;
  return {
    normalizer,
    input,
    parameters,
    keptShape: kept,
    scope,
    approximate: document.approximate,
    samplesSeen: seen.shape.length === 0 ? counts[0] : counts,
    states: merges ? readState(method.reductions(normalizer), merges, slices, `${pointer}/state`) : undefined,
    profile: readProfileIn(state, slices, `${pointer}/state/profile`),
    sketches:
      merges && method.wholeSlices?.(normalizer)
        ? readSketches(merges.sketches, slices, `${pointer}/state/sketches`)
        : undefined,
  };
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

function readParameters(document: FittedDocument, expected: (number | null)[], pointer: string) {
  const method = methodOf(document.normalizer);
  const absent = method.omittedParameters?.(document.normalizer) ?? [];
  const given = document.parameters;
  const rare = Object.keys(method.rareParameters ?? {}).filter((name) => Object.hasOwn(given, name));
  const shapes = Object.fromEntries([
    ...Object.entries(method.parameters).filter(([name]) => !absent.includes(name)),
    ...rare.map((name) => [name, 'slices'] as const),
  ]);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(shapes, name));
  if (unknown !== undefined) {
    const names = Object.keys(shapes).join(', ');
    throw misfit(`${pointer}/parameters/${unknown}`, `Unknown parameter "${unknown}"; the parameters are ${names}.`);
  }
  let kept = expected;
  let landmarks: number | null = null;
  const parameters: Parameters = {};
  for (const [name, along] of Object.entries(shapes)) {
    const place = `${pointer}/parameters/${name}`;
    if (!(name in given)) throw misfit(place, `The parameter "${name}" is missing.`);
    const { tensor, form } = decodeJsonTensor(given[name], place);
    const wanted = [...(along === 'slices' ? [] : [landmarks]), ...(along === 'landmarks' ? [] : kept)];
    const fits =
      tensor.shape.length === wanted.length &&
      wanted.every((length, axis) => length === null || length === tensor.shape[axis]);
    if (form !== 'nested' || !fits) {
      throw misfit(place, `Expected nested lists of shape ${formatShape(wanted)}, got ${formatShape(tensor.shape)}.`);
    }
    if (along !== 'slices') [landmarks] = tensor.shape;
    if (along !== 'landmarks') kept = along === 'slices' ? tensor.shape : tensor.shape.slice(1);
    parameters[name] = new Float64Array(tensor.buffer);
  }
  const fault = method.validateParameters?.(parameters);
  if (fault) throw misfit(`${pointer}/parameters/${fault.parameter}`, fault.detail);
  return { parameters, kept };
}

function profileMember(profile: Fitted['profile']) {
  return profile ? { profile: profileState(profile) } : {};
}

function misfit(pointer: string, detail: string) {
  return problemAt('invalid_request', pointer, detail);
}
