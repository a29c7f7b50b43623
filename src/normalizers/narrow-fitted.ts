import { Problem } from '#errors.ts';
import { bytesOfSketches, packBytes, type PackedSketches } from '#statistics/packed-sketches.ts';
import { pickSlices } from '#statistics/drift/profile.ts';
import type { Reduction, State } from '#statistics/reduction.ts';
import { reducedAxes } from '#tensor/axis.ts';
import type { Fitted } from './fitted-normalizer.ts';
import type { Part, ResolvedOptions } from './method.ts';
import { methodOf } from './normalizer.ts';
import { outputColumns } from './composition/output-columns.ts';
import { compositionOf, isShorthand } from './composition/parts.ts';

/** The columns that a normalizer computes on, in the order in which they were selected; undefined where it takes all. */
export function selectedColumns(normalizer: ResolvedOptions): number[] | undefined {
  const composition = compositionOf(normalizer);
  if (composition?.kind !== 'columns') return normalizer.columns;
  return composition.partsOf(normalizer).flatMap((part) => (isShorthand(part.normalizer) ? [] : indexesOf(part)));
}

/** Columns that are numbers: what passes or is dropped may have names of others. */
function indexesOf({ columns = [] }: Part): number[] {
  return columns.filter((column) => typeof column === 'number');
}

/**
 * What was fitted, for data that hold nothing but columns that are normalized: all of them in the order in which they were
 * selected, or some. It does not merge.
 * @param places which of the normalized columns each column of the data is; absent where all are there in their order
 */
export function narrowFitted(fitted: Fitted, places?: readonly number[]): Fitted {
  const { normalizer, input } = fitted;
  if (compositionOf(normalizer)?.kind === 'columns') {
    const selected = selectedColumns(normalizer) ?? [];
    return withoutStates(pickInputs(fitted, places ? places.map((place) => selected[place]) : selected));
  }
  const { columns, ...options } = normalizer;
  const last = input.shape.length - 1;
  const width = input.shape[last] === null ? null : (columns?.length ?? input.shape[last]);
  const names = columns && input.columns ? columns.map((column) => input.columns?.[column] ?? '') : input.columns;
  const whole = {
    ...fitted,
    normalizer: options,
    input: { ...input, shape: [...input.shape.slice(0, -1), width], columns: names },
  };
  return withoutStates(places ? pickInputs(whole, places) : whole);
}

/** What was fitted, for an array of some of the columns of the fit. It does not merge. */
export function pickColumnsOf(fitted: Fitted, places: readonly number[]): Fitted {
  return withoutStates(pickInputs(fitted, places));
}

function withoutStates(fitted: Fitted): Fitted {
  const { states: _, sketches: __, profile: ___, approximate: ____, parts, ...rest } = fitted;
  return parts ? { ...rest, parts: parts.map((part) => part && withoutStates(part)) } : rest;
}

/**
 * What was fitted, for data with other columns, or with the same ones in another order.
 * @param places which column of the fitted data each column of these is
 * @throws Problem missing_columns where what is left cannot be computed without the others
 */
export function pickInputs(fitted: Fitted, places: readonly number[]): Fitted {
  const { normalizer, input } = fitted;
  const last = input.shape.length - 1;
  const width = input.shape[last];
  if (places.length === width && places.every((place, at) => place === at)) return fitted;
  const columns = input.columns && places.map((place) => input.columns?.[place] ?? '');
  const shape = [...input.shape.slice(0, -1), width === null ? null : places.length];
  const picked: Fitted = { ...fitted, input: { ...input, shape, columns } };
  const composition = compositionOf(normalizer);
  if (composition?.kind === 'columns') {
    const parts = composition.partsOf(normalizer);
    const own = parts.map((part) => placesAmong(indexesOf(part), places));
    // What is called by name is no number, and stands beside these.
    const named = parts.map(({ columns: all = [] }) => all.filter((column) => typeof column === 'string'));
    const branches = parts.map((part, at): Part => ({ ...part, columns: [...own[at].columns, ...named[at]] }));
    const pickedParts = fitted.parts?.map((part, at) => part && pickInputs(part, own[at].places)) ?? [];
    const narrowed = composition.withParts(normalizer, withPicked(branches, pickedParts)) as ResolvedOptions;
    return { ...picked, normalizer: narrowed, parts: pickedParts };
  }
  const { columns: selected, ...options } = normalizer;
  const own = selected ? placesAmong(selected, places) : { columns: undefined, places };
  const withColumns = own.columns ? { ...options, columns: own.columns } : options;
  if (composition && fitted.parts) {
    const isOfGroups = composition.kind === 'groups';
    const parts = isOfGroups
      ? fitted.parts.map((part) => part && pickInputs(part, own.places))
      : pickSteps(fitted.parts, own.places);
    const steps = withPicked(composition.partsOf(normalizer), parts);
    return { ...picked, normalizer: composition.withParts(withColumns, steps) as ResolvedOptions, parts };
  }
  return pickSlicesOf({ ...picked, normalizer: withColumns }, own.places);
}

function withPicked(parts: readonly Part[], picked: readonly (Fitted | undefined)[]): Part[] {
  return parts.map((part, at) => ({ ...part, normalizer: picked[at]?.normalizer ?? part.normalizer }));
}

/** Each step takes what is left of the columns that the step before it gives. */
function pickSteps(steps: readonly (Fitted | undefined)[], places: readonly number[]): (Fitted | undefined)[] {
  let taken = places;
  return steps.map((step) => {
    if (!step) return step;
    const picked = pickInputs(step, taken);
    const given = outputColumns(step.normalizer, step.input.shape.at(-1) ?? taken.length);
    if (given) {
      const left = outputColumns(picked.normalizer, taken.length) ?? taken.map((_, at) => ({ at, name: undefined }));
      const from = taken;
      taken = left.map(({ at, name }) =>
        given.findIndex((one) => one.name === name && (name !== undefined || one.at === from[at])),
      );
    }
    return picked;
  });
}

/** Of some columns those that are there, in their own order: where they are, and which of the columns they are. */
function placesAmong(columns: readonly number[], there: readonly number[]): { columns: number[]; places: number[] } {
  const positions = new Map(there.map((column, at) => [column, at]));
  const places = columns.flatMap((column, at) => (positions.has(column) ? [at] : []));
  return { columns: places.map((place) => positions.get(columns[place]) ?? 0), places };
}

/** The parameters and states of some slices of a plain normalizer. */
export function pickSlicesOf(fitted: Fitted, places: readonly number[]): Fitted {
  const { normalizer, input, keptShape, samplesSeen, parameters, states, sketches, profile } = fitted;
  const method = methodOf(normalizer);
  const hasColumns = !reducedAxes(normalizer.axis, input.shape.length)[input.shape.length - 1];
  if (!hasColumns) return fitted;
  const all = keptShape[keptShape.length - 1];
  if (places.length === all && places.every((place, at) => place === at)) return fitted;
  if (method.joint && places.length < all) {
    const detail = `${method.name} computes each of its columns from all ${all} of them, and here are ${places.length}.`;
    throw new Problem('missing_columns', detail);
  }
  const along = method.parameters;
  const pick = (values: Float64Array<ArrayBuffer>) => pickColumns(values, all, places);
  const picked = Object.entries(parameters).map(([name, values]) => [
    name,
    along[name] === 'landmarks' ? values : pick(values),
  ]);
  return {
    ...fitted,
    parameters: Object.fromEntries(picked),
    keptShape: [...keptShape.slice(0, -1), places.length],
    samplesSeen: typeof samplesSeen === 'number' ? samplesSeen : pick(samplesSeen),
    states: states?.map((state, at) => pickState(method.reductions(normalizer)[at], state, all, places)),
    sketches: sketches && pickSketches(sketches, places),
    profile: profile && pickSlices(profile, places),
  };
}

/** @param all the columns that the state has slices of; with pairs of slices, these are all of its slices */
function pickState({ fields, hasPairs }: Reduction, state: State, all: number, places: readonly number[]): State {
  const { from, slices, values } = state;
  const ofFields = fields.length * slices;
  const picked = pickColumns(values.slice(0, ofFields), all, places);
  const left = { from, slices: (slices / all) * places.length };
  if (!hasPairs) return { ...left, values: picked };
  const whole = new Float64Array(picked.length + (places.length * (places.length + 1)) / 2);
  whole.set(picked);
  for (let row = 0, at = picked.length; row < places.length; row++) {
    for (let column = 0; column <= row; column++, at++) {
      const [low, high] = [places[row], places[column]].sort((a, b) => a - b);
      whole[at] = values[ofFields + (high * (high + 1)) / 2 + low];
    }
  }
  return { ...left, values: whole };
}

function pickSketches(sketches: PackedSketches, places: readonly number[]): PackedSketches {
  const pieces = bytesOfSketches(sketches);
  return packBytes(places.map((place) => pieces[place]));
}

/** Some columns of rows that are `width` long. */
function pickColumns(
  values: Float64Array<ArrayBuffer>,
  width: number,
  places: readonly number[],
): Float64Array<ArrayBuffer> {
  const rows = values.length / Math.max(width, 1);
  const picked = new Float64Array(rows * places.length);
  for (let row = 0; row < rows; row++) {
    places.forEach((place, at) => (picked[row * places.length + at] = values[row * width + place]));
  }
  return picked;
}
