import { problemAt } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';
import type { PackedSketches } from '#statistics/packed-sketches.ts';
import { unravel } from '#tensor/unravel.ts';
import type { State } from '#statistics/reduction.ts';
import { field } from '#statistics/reduction.ts';
import type { WholeSlices } from '#statistics/whole-slices.ts';
import { indexesWhere, indexesOfZeros, type CommonOptions, type Parameters } from './method.ts';
import { methodOf } from './normalizer.ts';
import { nameSlice } from './slice-problem.ts';

/** The fit of the slices `[from, from + slices)`. */
export interface Fit {
  from: number;
  slices: number;
  parameters: Parameters;
  /** Entries that are not NaN, or the sum of their weights, per slice. */
  seen: Float64Array<ArrayBuffer>;
  /** Constant slices, and slices without numbers. */
  constant: number[];
  allNan: number[];
  /** States for merging with other fits; absent if fits of several slices were concatenated. */
  states?: readonly State[];
  /** Sketches for merging, if a method that needs whole slices is mergeable. */
  sketches?: PackedSketches;
}

/** How many slices an error or a warning names. */
export const namedSlices = 20;

/**
 * From what was seen to the parameters. A slice without a number fits to NaN, and so does one with a NaN under
 * `propagate`.
 * @param names of all slices, where they are columns that have names
 * @throws Problem constant_slices under on_constant 'error'
 */
export function fitFromStates(
  normalizer: CommonOptions,
  keptShape: readonly number[],
  states: readonly State[],
  whole?: WholeSlices,
  names?: readonly string[],
): Fit {
  const method = methodOf(normalizer);
  const { from, slices } = states[0];
  const reductions = method.reductions(normalizer);
  const { parameters, constant } = learn(normalizer, keptShape, states, whole, names);
  const seen = whole?.weightSums?.() ?? field(reductions[0], states[0], 'count').slice();
  for (const values of Object.values(parameters)) withoutNegativeZeros(values);
  const allNan = indexesOfZeros(seen);
  const lost = new Set(allNan);
  if (normalizer.nan_policy === 'propagate') {
    reductions.forEach((reduction, at) => {
      if (reduction.fields.includes('nan'))
        indexesWhere(field(reduction, states[at], 'nan'), (count) => count > 0).forEach((slice) => lost.add(slice));
    });
  }
  for (const [name, along] of Object.entries(method.parameters)) {
    if (along === 'landmarks') continue;
    const values = parameters[name] ?? [];
    for (const slice of lost) for (let at = slice; at < values.length; at += slices) values[at] = NaN;
  }
  const flat = constant.filter((slice) => !lost.has(slice)).map((slice) => slice + from);
  if (flat.length > 0 && normalizer.on_constant === 'error') throw constantSlices(keptShape, flat, names);
  return { from, slices, parameters, seen, constant: flat, allNan: allNan.map((slice) => slice + from), states };
}

/** @throws Problem not_computable that names the slice */
function learn(
  normalizer: CommonOptions,
  keptShape: readonly number[],
  states: readonly State[],
  whole?: WholeSlices,
  names?: readonly string[],
) {
  const { from, slices } = states[0];
  try {
    return methodOf(normalizer).learn(normalizer, states, slices, whole);
  } catch (error) {
    const nameOf = (at: number) => {
      if (names) return `Column ${quoteName(names[at + from])}`;
      return keptShape.length === 0 ? undefined : `Slice ${sliceName(keptShape, at + from)}`;
    };
    throw nameSlice(error, nameOf);
  }
}

function constantSlices(keptShape: readonly number[], slices: readonly number[], names?: readonly string[]) {
  const nameOf = (slice: number) => (names ? quoteName(names[slice]) : sliceName(keptShape, slice));
  const named = slices.slice(0, namedSlices).map(nameOf);
  const what = names ? 'column' : 'slice';
  const [many, are] = slices.length === 1 ? [what, 'is'] : [`${what}s`, 'are'];
  const more = slices.length > namedSlices ? ` and ${slices.length - namedSlices} more` : '';
  return problemAt(
    'constant_slices',
    '/normalizer/on_constant',
    keptShape.length === 0
      ? "The data are constant, which on_constant 'error' rejects; 'one' uses scale 1."
      : `The ${many} ${named.join(', ')}${more} ${are} constant, which on_constant 'error' rejects; 'one' uses scale 1.`,
  );
}

/** A slice's index in the kept shape: `3`, `[3, 1]`. */
function sliceName(keptShape: readonly number[], slice: number): string {
  const index = unravel(slice, keptShape);
  return index.length === 1 ? String(index[0]) : `[${index.join(', ')}]`;
}

/** The fit of a method that learns nothing: its constants, whatever the data. */
export function constantFit(normalizer: CommonOptions, slices: number, sliceLength: number): Fit {
  const { parameters } = methodOf(normalizer).learn(normalizer, [], slices);
  const seen = new Float64Array(slices).fill(sliceLength);
  return { from: 0, slices, parameters, seen, constant: [], allNan: [], states: [] };
}

/** Drops the parameters of a fit, because a stream of millions of samples must not accumulate them. */
export function withoutParameters(fit: Fit): Fit {
  return { ...fit, parameters: {}, seen: new Float64Array(0), states: undefined };
}

/**
 * Concatenates the fits of consecutive slices.
 * @param rare the values of parameters that only some of the fits have, for the others
 */
export function concatFits(fits: readonly Fit[], rare: Readonly<Record<string, number>> = {}): Fit {
  if (fits.length === 1) return fits[0];
  const slices = fits.reduce((sum, fit) => sum + fit.slices, 0);
  const join = (pick: (fit: Fit) => Float64Array | undefined, otherwise = NaN) => {
    const values = new Float64Array(slices);
    for (const fit of fits) values.set(pick(fit) ?? new Float64Array(fit.slices).fill(otherwise), fit.from);
    return values;
  };
  const names = [...new Set(fits.flatMap((fit) => Object.keys(fit.parameters)))];
  return {
    from: 0,
    slices,
    parameters: Object.fromEntries(names.map((name) => [name, join((fit) => fit.parameters[name], rare[name])])),
    seen: join((fit) => fit.seen),
    constant: fits.flatMap((fit) => fit.constant),
    allNan: fits.flatMap((fit) => fit.allNan),
  };
}

/** Removes the sign of zeros, which JSON.stringify would drop: document and fit must give the same bits. */
function withoutNegativeZeros(values: Float64Array): void {
  if (!values.includes(0)) return;
  for (let at = 0; at < values.length; at++) values[at] += 0;
}
