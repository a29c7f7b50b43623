import { problemAt } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';
import { reorderFitted } from './reorder-fitted.ts';
import { packSketches, unpackSketches } from '#statistics/packed-sketches.ts';
import { mergeProfiles } from '#statistics/drift/profile.ts';
import type { QuantileSketch } from '#statistics/quantile-sketch.ts';
import { field, mergeStates, type Reduction, type State } from '#statistics/reduction.ts';
import { areApproximate, mergeSlices, sketchedSlices } from '#statistics/sketched-slices.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { formatShape } from '#tensor/shape.ts';
import { concatFits, constantFit, type Fit, fitFromStates } from './fit.ts';
import { type Fitted, samplesSeen } from './fitted-normalizer.ts';
import { joinGroups } from './composition/groups.ts';
import { methodOf } from './normalizer.ts';
import { whyUnmergeable } from './composition/parts.ts';

/**
 * Merges documents of the same normalizer, fitted on parts of the data, into one.
 * @throws Problem not_mergeable with a pointer to the document, or constant_slices
 */
export function mergeFitted(given: readonly Fitted[]): Fitted {
  const [first] = given;
  const documents = given.map((document, at) => reorderFitted(document, first) ?? otherColumns(document, first, at));
  const why = whyUnmergeable(first.normalizer);
  if (why) throw problemAt('not_mergeable', `/fitted/0${first.parts ? `/normalizer${why.pointer}` : ''}`, why.reason);
  if (first.scope === 'sample') {
    throw refusal(
      0,
      'Under sample scope the parameters belong to the samples of one batch, so there is nothing to merge.',
    );
  }
  documents.slice(1).forEach((document, at) => checkFits(document, documents[0], at + 1));
  const merged = mergePart(documents);
  return { ...merged, profile: mergeProfiles(documents.map((document) => document.profile)) };
}

/** Merges documents of one normalizer, or what they have of one part of it. */
function mergePart(documents: readonly Fitted[]): Fitted {
  const [first] = documents;
  const dtype = documents.every((document) => document.input.dtype === first.input.dtype)
    ? first.input.dtype
    : 'float64';
  const input = { ...first.input, dtype };
  if (first.groups) return { ...mergeGroups(documents), input };
  if (first.parts) {
    const parts = first.parts.map(
      (part, at) => part && mergePart(documents.map((document) => document.parts?.[at] ?? part)),
    );
    return { ...first, input, parts, profile: undefined };
  }
  if (first.scope === 'sample') return { ...joinSamples(documents), input };
  const method = methodOf(first.normalizer);
  const reductions = method.reductions(first.normalizer);
  const states = reductions.map((reduction, at) =>
    mergeStates(
      reduction,
      documents.map((document, index) => stateOf(document, at, index)),
    ),
  );
  const sketches = method.wholeSlices?.(first.normalizer) ? mergeSlices(documents.map(sketchesOf)) : undefined;
  const whole = sketches && sketchedSlices(sketches, maxSliceLength(reductions[0], states[0]));
  const fit =
    reductions.length > 0
      ? fitFromStates(first.normalizer, first.keptShape, states, whole, namesOfColumns(first))
      : { ...constantFit(first.normalizer, slicesOf(first), 0), seen: totalSeen(documents) };
  return {
    ...first,
    input,
    parameters: fit.parameters,
    samplesSeen: samplesSeen(fit),
    states,
    sketches: sketches && packSketches(sketches),
    approximate: sketches && areApproximate(sketches),
    profile: undefined,
  };
}

/** Groups merge by their keys. */
function mergeGroups(documents: readonly Fitted[]): Fitted {
  const [first] = documents;
  const { groups, places } = joinGroups(
    documents.map((document) => document.groups ?? { keys: [], rows: new Float64Array(0) }),
  );
  const parts = first.parts?.map((part, at) => {
    const own = documents.map((document) => document.parts?.[at] ?? part);
    const isOfGroups = at === 0;
    return mergePart(
      own.flatMap((one, index) =>
        one ? [isOfGroups ? placeGroups(one, places[index], groups.keys.length) : one] : [],
      ),
    );
  });
  return { ...first, parts, groups, profile: undefined };
}

/** What was learned of groups, with their places among all that are merged. */
function placeGroups(fitted: Fitted, places: Int32Array, count: number): Fitted {
  if (fitted.parts) return { ...fitted, parts: fitted.parts.map((part) => part && placeGroups(part, places, count)) };
  if (methodOf(fitted.normalizer).reductions(fitted.normalizer).length === 0) return fitted;
  const order = [...places.keys()].sort((a, b) => places[a] - places[b]);
  const [, ...kept] = fitted.keptShape;
  const slices = kept.reduce((product, length) => product * length, 1);
  const columns = order.flatMap((at) => Array.from({ length: slices }, (_, slice) => at * slices + slice));
  const states = fitted.states?.map(({ values, slices: all }): State => {
    const sorted = Float64Array.from(values, (_, at) => values[Math.floor(at / all) * all + columns[at % all]]);
    return { from: 0, slices: all, values: sorted, groups: places.slice().sort() };
  });
  return { ...fitted, keptShape: [count, ...kept], states };
}

/** Under sample scope each document has the parameters of its own samples: together they have those of all. */
function joinSamples(documents: readonly Fitted[]): Fitted {
  const [first] = documents;
  const slices = documents.map(slicesOf);
  const fits = documents.map(({ parameters, samplesSeen: seen }, at): Fit => {
    const from = slices.slice(0, at).reduce((sum, count) => sum + count, 0);
    const counts = typeof seen === 'number' ? new Float64Array(slices[at]).fill(seen) : seen;
    return { from, slices: slices[at], parameters, seen: counts, constant: [], allNan: [] };
  });
  const { parameters } = concatFits(fits, methodOf(first.normalizer).rareParameters);
  const samples = documents.reduce((sum, { keptShape }) => sum + (keptShape[0] ?? 1), 0);
  return { ...first, parameters, keptShape: [samples, ...first.keptShape.slice(1)], samplesSeen: samples };
}

/** The names of the slices, where these are columns that have some. */
function namesOfColumns({ normalizer, input: { columns, shape } }: Fitted): readonly string[] | undefined {
  const [isRowReduced, isColumnReduced] = reducedAxes(normalizer.axis, shape.length);
  if (!columns || !isRowReduced || isColumnReduced) return undefined;
  return normalizer.columns?.map((at) => columns[at]) ?? columns;
}

/** Entries of the longest slice, NaN included: parts have the same rows for all slices. */
function maxSliceLength(reduction: Reduction, state: State): number {
  const nan = field(reduction, state, 'nan');
  return field(reduction, state, 'count').reduce((most, count, slice) => Math.max(most, count + nan[slice]), 0);
}

function slicesOf({ keptShape }: Fitted): number {
  return keptShape.reduce((product, length) => product * length, 1);
}

/** Entries seen by all the documents, per slice. */
function totalSeen(documents: readonly Fitted[]): Float64Array<ArrayBuffer> {
  const total = new Float64Array(slicesOf(documents[0]));
  for (const { samplesSeen: seen } of documents)
    for (let at = 0; at < total.length; at++) total[at] += typeof seen === 'number' ? seen : seen[at];
  return total;
}

function sketchesOf({ sketches }: Fitted, index: number): readonly QuantileSketch[] {
  if (!sketches) throw withoutState(index);
  return unpackSketches(sketches);
}

function checkFits(document: Fitted, first: Fitted, at: number): void {
  if (JSON.stringify(document.normalizer) !== JSON.stringify(first.normalizer)) {
    throw refusal(
      at,
      'This document has a different normalizer from the first; all must have the same method and options.',
    );
  }
  const shape = formatShape(document.input.shape);
  if (shape !== formatShape(first.input.shape)) {
    throw refusal(at, `This document was fitted on ${shape}, the first on ${formatShape(first.input.shape)}.`);
  }
}

function otherColumns({ input }: Fitted, first: Fitted, at: number): never {
  const [names, wanted] = [input.columns ?? [], first.input.columns ?? []];
  const [there, expected] = [new Set(names), new Set(wanted)];
  const missing = wanted.find((name) => !there.has(name));
  const more = names.find((name) => !expected.has(name));
  const difference =
    missing === undefined ? `has ${quoteName(more ?? '')} besides` : `lacks the column ${quoteName(missing)}`;
  throw refusal(at, `This document was fitted on other columns than the first: it ${difference}.`);
}

function stateOf({ states }: Fitted, at: number, index: number): State {
  if (!states) throw withoutState(index);
  return states[at];
}

function withoutState(index: number) {
  return refusal(
    index,
    'This document has no state. Send documents exactly as /v1/fit or /v1/normalize returned them.',
  );
}

function refusal(at: number, detail: string) {
  return problemAt('not_mergeable', `/fitted/${at}`, detail);
}
