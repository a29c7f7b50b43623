import { allocate, doublesAt, withScratch } from '#kernels/kernels.ts';
import { placeElements, type View } from '#kernels/view.ts';
import { type Fit, fitFromStates } from '#normalizers/fit.ts';
import type { Parameters, ResolvedOptions } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { loadTile } from '#statistics/reduce-block.ts';
import type { State } from '#statistics/reduction.ts';
import { wholeSlices } from '#statistics/whole-slices.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { eachTile, type Layout, layoutOf, tileCapacity } from '#tensor/layout.ts';
import type { BufferedTensor } from '#engine/blocks/buffered-tensor.ts';
import { eachBlock } from '#engine/blocks/buffered-tensor.ts';
import type { PartJob } from '#engine/parts/part-jobs.ts';
import { runPart } from '#engine/parts/run-part.ts';

/** Groups that have parameters of their own. */
export interface FittedGroups {
  count: number;
  /** Slices of one of them. */
  slices: number;
  /** The shape of what the normalizer takes, whatever its first length. */
  shape: readonly number[];
}

/** Fits a method that needs whole slices within each group: the values of a group are brought together, in order. */
export function fitGroups(
  normalizer: ResolvedOptions,
  { count, slices, shape }: FittedGroups,
  states: readonly State[],
  data: BufferedTensor,
  job: PartJob,
): Fit {
  const [, ...sample] = shape;
  const sampleLength = sample.reduce((product, length) => product * length, 1);
  const { values, starts } = gatherGroups(data, job, count, sampleLength);
  const reduced = reducedAxes(normalizer.axis, shape.length);
  const layouts = new Map<number, Layout>();
  const parameters: Parameters = {};
  const seen = new Float64Array(count * slices);
  const constant: number[] = [];
  const allNan: number[] = [];
  for (let group = 0; group < count; group++) {
    const samples = starts[group + 1] - starts[group];
    let layout = layouts.get(samples);
    if (!layout) layouts.set(samples, (layout = layoutOf([samples, ...sample], reduced)));
    const own = values.subarray(starts[group] * sampleLength, starts[group + 1] * sampleLength);
    const fit = fitGroup(normalizer, layout, stateOfGroup(states, normalizer, group, slices), own);
    for (const [name, learned] of Object.entries(fit.parameters)) {
      parameters[name] ??= new Float64Array(count * slices).fill(methodOf(normalizer).rareParameters?.[name] ?? NaN);
      parameters[name].set(learned, group * slices);
    }
    seen.set(fit.seen, group * slices);
    constant.push(...fit.constant.map((slice) => group * slices + slice));
    allNan.push(...fit.allNan.map((slice) => group * slices + slice));
  }
  return { from: 0, slices: count * slices, parameters, seen, constant, allNan };
}

function fitGroup(normalizer: ResolvedOptions, layout: Layout, states: State[], own: Float64Array<ArrayBuffer>): Fit {
  return withScratch(() => {
    const block = { buffer: own.slice().buffer, count: own.length };
    const view: View = {
      dtype: 'float64',
      address: placeElements(block, 'float64', false),
      offset: 0,
      count: own.length,
      locate: () => ({ index: '', pointer: '/data' }),
    };
    return fitFromStates(
      normalizer,
      layout.keptShape,
      states,
      wholeSlices((visit) => visit(view), layout),
    );
  });
}

function stateOfGroup(states: readonly State[], normalizer: ResolvedOptions, group: number, slices: number): State[] {
  const reductions = methodOf(normalizer).reductions(normalizer);
  return states.map((state, at): State => {
    const { length } = reductions[at].fields;
    const values = new Float64Array(length * slices);
    for (let field = 0; field < length; field++) {
      const from = field * state.slices + group * slices;
      values.set(state.values.subarray(from, from + slices), field * slices);
    }
    return { from: 0, slices, values };
  });
}

/** The values of all samples as float64, group after group, and the first sample of each. */
function gatherGroups(data: BufferedTensor, job: PartJob, count: number, sampleLength: number) {
  const { shape } = data.header;
  const pieces: { groups: Int32Array; starts: Int32Array; values: Float64Array }[] = [];
  eachBlock(data, (whole) => {
    const show = (view: View, layout: Layout, groups?: Int32Array) => {
      if (!groups || !layout.groups) return;
      pieces.push({ groups, starts: layout.groups.starts, values: toDoubles(view) });
    };
    runPart(job, { view: whole, shape }, 'float64', { leaves: [], show });
  });
  const starts = new Int32Array(count + 1);
  for (const piece of pieces)
    piece.groups.forEach((group, at) => (starts[group + 1] += piece.starts[at + 1] - piece.starts[at]));
  for (let group = 0; group < count; group++) starts[group + 1] += starts[group];
  const values = new Float64Array(starts[count] * sampleLength);
  const ends = starts.slice();
  for (const piece of pieces) {
    piece.groups.forEach((group, at) => {
      const [from, to] = [piece.starts[at], piece.starts[at + 1]];
      values.set(piece.values.subarray(from * sampleLength, to * sampleLength), ends[group] * sampleLength);
      ends[group] += to - from;
    });
  }
  return { values, starts };
}

function toDoubles(view: View): Float64Array {
  const values = new Float64Array(view.count);
  const x = allocate(tileCapacity * 8);
  eachTile(layoutOf([view.count], [true]), 0, view.count, (tile) => {
    loadTile(view, tile, x, 0);
    values.set(doublesAt(x, tile.columns), tile.offset);
  });
  return values;
}
