import { bytesOfSketches, packBytes, type PackedSketches } from '#statistics/packed-sketches.ts';
import { pickSlices } from '#statistics/drift/profile.ts';
import type { Reduction, State } from '#statistics/reduction.ts';
import { reducedAxes } from '#tensor/axis.ts';
import type { Fitted } from './fitted-normalizer.ts';
import { pickColumns } from './narrow-fitted.ts';
import { methodOf } from './normalizer.ts';

/**
 * What was fitted on a table, as if its columns had stood in the order of another one's.
 * @returns undefined where the columns are not the same ones
 */
export function reorderFitted(fitted: Fitted, first: Fitted): Fitted | undefined {
  const [names, wanted] = [fitted.input.columns, first.input.columns];
  // Documents of earlier versions have no names: they go by position.
  if (!names || !wanted) return fitted;
  const places = new Map(names.map((name, at) => [name, at]));
  if (names.length !== wanted.length || !wanted.every((name) => places.has(name))) return undefined;
  const selected = (of: Fitted, all: readonly string[]) => of.normalizer.columns?.map((at) => all[at]) ?? all;
  const [own, others] = [selected(fitted, names), selected(first, wanted)];
  const slices = new Map(own.map((name, at) => [name, at]));
  if (own.length !== others.length || !others.every((name) => slices.has(name))) return undefined;
  const picks = others.map((name) => slices.get(name) ?? 0);
  const { columns, passedThrough } = first.input;
  const { columns: _, ...options } = fitted.normalizer;
  const normalizer = first.normalizer.columns ? { ...options, columns: first.normalizer.columns } : options;
  const reordered = { ...fitted, normalizer, input: { ...fitted.input, columns, passedThrough } };
  const hasColumns = !reducedAxes(options.axis, fitted.input.shape.length)[1];
  if (!hasColumns || picks.every((place, at) => place === at)) return reordered;
  const method = methodOf(normalizer);
  const along = method.parameters;
  const reductions = method.reductions(normalizer);
  const ofAll = (values: Float64Array<ArrayBuffer>) => pickColumns(values, picks.length, picks);
  const { parameters, samplesSeen, states, sketches, profile } = fitted;
  return {
    ...reordered,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, values]) => [name, along[name] === 'landmarks' ? values : ofAll(values)]),
    ),
    samplesSeen: typeof samplesSeen === 'number' ? samplesSeen : ofAll(samplesSeen),
    states: states?.map((state, at) => reorderState(reductions[at], state, picks)),
    sketches: sketches && reorderSketches(sketches, picks),
    profile: profile && pickSlices(profile, picks),
  };
}

function reorderState({ fields, hasPairs }: Reduction, state: State, picks: readonly number[]): State {
  const { slices, values } = state;
  const ofFields = fields.length * slices;
  const reordered = new Float64Array(values.length);
  reordered.set(pickColumns(values.slice(0, ofFields), slices, picks));
  if (!hasPairs) return { ...state, values: reordered };
  for (let row = 0, at = ofFields; row < slices; row++) {
    for (let column = 0; column <= row; column++, at++) {
      const [low, high] = [picks[row], picks[column]].sort((a, b) => a - b);
      reordered[at] = values[ofFields + (high * (high + 1)) / 2 + low];
    }
  }
  return { ...state, values: reordered };
}

function reorderSketches(sketches: PackedSketches, picks: readonly number[]): PackedSketches {
  const pieces = bytesOfSketches(sketches);
  return packBytes(picks.map((place) => pieces[place]));
}
