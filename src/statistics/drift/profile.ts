import { type Description, describe, describeReductions } from '../describe.ts';
import { mergeStates, type State } from '../reduction.ts';
import { cdfAt, type CdfSketch, createCdfSketch, mergeCdfSketches, pointOfShare } from './cdf-sketch.ts';
import { sortSamples, type ValueSample } from './value-sample.ts';

/** What is kept of the data that were fitted, per slice, so that other data can be compared with them. */
export interface Profile {
  /** Of `describeReductions`. */
  states: readonly State[];
  sketches: readonly CdfSketch[];
}

/** Slices that a profile has at most. */
export const maxProfiledSlices = 10_000;

/** Values that one fit looks at for its sketches. */
export const maxSampledValues = 2 ** 21;

/** The bins that a slice falls into by its deciles. A value belongs to the first bin whose edge it does not exceed. */
export interface Bins {
  /** Between two bins, ascending; deciles that coincide are one. */
  edges: number[];
  /** One more than edges. */
  shares: number[];
}

export function createProfile(states: readonly State[], sample: ValueSample): Profile {
  const { nobs } = describe(states, 0, true);
  const sketches = sortSamples(sample, nobs.length).map((sorted, slice) =>
    createCdfSketch(sorted, sorted.length === 0 ? 0 : nobs[slice]),
  );
  return { states, sketches };
}

/** One profile of the data of all; undefined where one of them has none. */
export function mergeProfiles(profiles: readonly (Profile | undefined)[]): Profile | undefined {
  const all = profiles.filter((profile) => profile !== undefined);
  if (all.length < profiles.length || all.length === 0) return undefined;
  return {
    states: describeReductions.map((reduction, at) =>
      mergeStates(
        reduction,
        all.map(({ states }) => states[at]),
      ),
    ),
    sketches: all[0].sketches.map((_, slice) => all.map(({ sketches }) => sketches[slice]).reduce(mergeCdfSketches)),
  };
}

/** The profile of some slices, in another order. */
export function pickSlices({ states, sketches }: Profile, places: readonly number[]): Profile {
  return {
    states: states.map(({ from, slices, values }) => ({
      from,
      slices: places.length,
      values: Float64Array.from({ length: (values.length / slices) * places.length }, (_, at) => {
        return values[Math.floor(at / places.length) * slices + places[at % places.length]];
      }),
    })),
    sketches: places.map((place) => sketches[place]),
  };
}

/** Count, extremes and moments of each slice; the variance divides by the count. */
export function describeProfile({ states }: Profile): Description {
  return describe(states, 0, true);
}

/** @param max the largest value of the slice, of all and not of a sample alone */
export function binsOf(sketch: CdfSketch, max: number): Bins {
  if (sketch.count === 0) return { edges: [], shares: [] };
  const points = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((decile) => pointOfShare(sketch, decile / 10));
  const edges = [...new Set(points)].filter((edge) => edge < max && cdfAt(sketch, edge) < 1);
  const below = edges.map((edge) => cdfAt(sketch, edge));
  return { edges, shares: [...below, 1].map((share, bin) => share - (below[bin - 1] ?? 0)) };
}
