import { Problem, problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions, Composition, Parameters, ResolvedOptions } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { outputColumns } from '#normalizers/composition/output-columns.ts';
import { compositionOf, isShorthand } from '#normalizers/composition/parts.ts';
import { resolveNormalizer } from '#normalizers/composition/resolve-normalizer.ts';
import { joinScopes, scopeOf } from '#normalizers/scope.ts';
import { keptShape, reducedAxes } from '#tensor/axis.ts';
import { formatShape, selectedShape } from '#tensor/shape.ts';
import { readSketches, readState } from './fitted-state.ts';
import { decodeJsonTensor } from '#formats/json/parse-tensor.ts';

/** What a document says of a normalizer, or of a part of it, and where. */
export interface Learned {
  parameters: Record<string, unknown>;
  samplesSeen: unknown;
  /** Absent where it does not merge. */
  state?: Record<string, unknown>;
  /** How many groups have parameters of their own, where there are groups. */
  groups?: number;
  places: Record<'normalizer' | 'parameters' | 'samplesSeen' | 'state', string>;
}

/** @throws Problem invalid_request */
export function resolveInDocument(
  normalizer: CommonOptions,
  row: { length: number; names?: readonly string[] },
  pointer: string,
) {
  try {
    return resolveNormalizer(normalizer, row, pointer);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem('invalid_request', error.message, error.errors);
  }
}

/**
 * What a document says of a normalizer, and of those that it is made of.
 * @throws Problem invalid_request
 */
export function readLearned(normalizer: ResolvedOptions, input: Fitted['input'], learned: Learned): Fitted {
  const composition = compositionOf(normalizer);
  if (!composition) return readPlain(normalizer, input, learned);
  if (composition.kind === 'groups') return readGroups(normalizer, composition, input, learned);
  const { member } = composition;
  let { shape } = input;
  if (normalizer.columns) shape = selectedShape(shape, normalizer.columns);
  const given = composition.partsOf(normalizer);
  const lists = listsOf(learned, member, given.length);
  const parts = given.map((part, at): Fitted | undefined => {
    if (isShorthand(part.normalizer)) return undefined;
    const options = part.normalizer as ResolvedOptions;
    const taken = part.columns ? selectedShape(shape, part.columns as number[]) : shape;
    const place = (of: string) => `${of}/${member}/${at}`;
    const { places } = learned;
    const read = readLearned(
      options,
      { dtype: 'float64', shape: taken },
      {
        parameters: lists.parameters[at] as Record<string, unknown>,
        samplesSeen: lists.samplesSeen[at],
        state: lists.state?.[at] as Record<string, unknown> | undefined,
        groups: learned.groups,
        places: {
          normalizer: places.normalizer + composition.pointerOf(at),
          parameters: place(places.parameters),
          samplesSeen: place(places.samplesSeen),
          state: place(places.state),
        },
      },
    );
    const outputs = part.columns ? undefined : outputColumns(options, shape.at(-1) ?? 1);
    if (outputs) shape = [...shape.slice(0, -1), outputs.length];
    return read;
  });
  const scope = joinScopes(parts.flatMap((part) => (part ? [part.scope] : [])));
  const resolved = given.map((part, at) => ({ ...part, normalizer: parts[at]?.normalizer ?? part.normalizer }));
  const options = composition.withParts(normalizer, resolved) as ResolvedOptions;
  return { normalizer: options, input, parameters: {}, keptShape: [], samplesSeen: 0, scope, parts };
}

/** What a document says of each group, and of all of them together. */
function readGroups(
  normalizer: ResolvedOptions,
  composition: Composition<CommonOptions>,
  input: Fitted['input'],
  learned: Learned,
): Fitted {
  const { places } = learned;
  const { groups: keys, global, ...parameters } = learned.parameters;
  const seen = (learned.samplesSeen ?? {}) as Record<string, unknown>;
  const isKey = (key: unknown) => ['string', 'number', 'boolean'].includes(typeof key);
  if (!Array.isArray(keys) || !keys.every(isKey) || new Set(keys).size < keys.length)
    throw misfit(`${places.parameters}/groups`, 'Expected a list of the groups, each once.');
  const { rows } = seen;
  if (!Array.isArray(rows) || rows.length !== keys.length || !rows.every((count) => Number.isSafeInteger(count)))
    throw misfit(`${places.samplesSeen}/rows`, `Expected the number of rows of each of ${keys.length} groups.`);
  const shape = selectedShape(input.shape, normalizer.columns);
  const [given] = composition.partsOf(normalizer);
  const part = given.normalizer as ResolvedOptions;
  const state = (of: string) => learned.state?.[of] as Record<string, unknown> | undefined;
  const inner = { dtype: 'float64' as const, shape };
  const within = { ...places, normalizer: `${places.normalizer}/normalizer` };
  const own = readLearned(part, inner, {
    parameters,
    samplesSeen: seen.groups,
    state: state('groups'),
    groups: keys.length,
    places: { ...within, samplesSeen: `${places.samplesSeen}/groups`, state: `${places.state}/groups` },
  });
  const needsGlobal = composition.grouping?.(normalizer).unseen === 'global';
  const all = needsGlobal
    ? readLearned(part, inner, {
        parameters: (global ?? {}) as Record<string, unknown>,
        samplesSeen: seen.global,
        state: state('global'),
        places: {
          ...within,
          parameters: `${places.parameters}/global`,
          samplesSeen: `${places.samplesSeen}/global`,
          state: `${places.state}/global`,
        },
      })
    : undefined;
  const options = composition.withParts(normalizer, [{ normalizer: own.normalizer }]) as ResolvedOptions;
  return {
    normalizer: options,
    input,
    parameters: {},
    keptShape: [],
    samplesSeen: 0,
    scope: own.scope,
    parts: all ? [own, all] : [own],
    groups: { keys, rows: Float64Array.from(rows) },
  };
}

/** What a document has for each part. */
function listsOf({ parameters, samplesSeen, state, places }: Learned, member: string, count: number) {
  const listIn = (value: unknown, place: string): unknown[] => {
    const list = (value as Record<string, unknown> | null | undefined)?.[member];
    if (Array.isArray(list) && list.length === count) return list;
    throw misfit(`${place}/${member}`, `Expected a list of ${count}, one for each of ${member}.`);
  };
  const objects = (list: unknown[], place: string) => {
    const at = list.findIndex((one) => typeof one !== 'object' || one === null || Array.isArray(one));
    if (at >= 0) throw misfit(`${place}/${member}/${at}`, 'Expected an object.');
    return list;
  };
  return {
    parameters: objects(listIn(parameters, places.parameters), places.parameters),
    samplesSeen: listIn(samplesSeen, places.samplesSeen),
    state: state && objects(listIn(state, places.state), places.state),
  };
}

function readPlain(plain: ResolvedOptions, input: Fitted['input'], learned: Learned): Fitted {
  const { places, state } = learned;
  const method = methodOf(plain);
  const picked = selectedShape(input.shape, plain.columns);
  const normalizer = (method.resolveDefaults?.(plain, picked) ?? plain) as ResolvedOptions;
  const reduced = reducedAxes(normalizer.axis, input.shape.length, `${places.normalizer}/axis`);
  const scope = scopeOf(method, reduced);
  const isGrouped = learned.groups !== undefined && scope === 'dataset' && method.reductions(normalizer).length > 0;
  const own = keptShape(picked, reduced);
  const expected = isGrouped ? [learned.groups ?? 0, ...own] : own;
  const { parameters, kept: found } = readParameters(plain, learned.parameters, expected, places.parameters);
  const { tensor: seen, form } = decodeJsonTensor(learned.samplesSeen, places.samplesSeen);
  if (form !== 'nested') throw misfit(places.samplesSeen, 'Expected a number or nested lists of numbers.');
  const counts = new Float64Array(seen.buffer);
  // Without parameters, nothing but their number tells which samples the document belongs to.
  const kept = found.map((length) => length ?? counts[0]);
  const slices = kept.reduce((product, length) => product * length, 1);
  if (seen.shape.length > 0 && counts.length !== slices) {
    throw misfit(places.samplesSeen, `Expected one number, or one for each of ${slices} slices.`);
  }
  const merges = scope === 'dataset' ? state : undefined;
  return {
    normalizer,
    input,
    parameters,
    keptShape: kept,
    scope,
    samplesSeen: seen.shape.length === 0 ? counts[0] : counts,
    states: merges ? readState(method.reductions(normalizer), merges, slices, places.state) : undefined,
    sketches:
      merges && method.wholeSlices?.(normalizer)
        ? readSketches(merges.sketches, slices, `${places.state}/sketches`)
        : undefined,
  };
}

function readParameters(
  normalizer: CommonOptions,
  given: Record<string, unknown>,
  expected: (number | null)[],
  pointer: string,
) {
  const method = methodOf(normalizer);
  const absent = method.omittedParameters?.(normalizer) ?? [];
  const rare = Object.keys(method.rareParameters ?? {}).filter((name) => Object.hasOwn(given, name));
  const shapes = Object.fromEntries([
    ...Object.entries(method.parameters).filter(([name]) => !absent.includes(name)),
    ...rare.map((name) => [name, 'slices'] as const),
  ]);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(shapes, name));
  if (unknown !== undefined) {
    const names = Object.keys(shapes).join(', ');
    throw misfit(`${pointer}/${unknown}`, `Unknown parameter "${unknown}"; the parameters are ${names}.`);
  }
  let kept = expected;
  let landmarks: number | null = null;
  const parameters: Parameters = {};
  for (const [name, along] of Object.entries(shapes)) {
    const place = `${pointer}/${name}`;
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
  if (fault) throw misfit(`${pointer}/${fault.parameter}`, fault.detail);
  return { parameters, kept };
}

export function misfit(pointer: string, detail: string) {
  return problemAt('invalid_request', pointer, detail);
}
