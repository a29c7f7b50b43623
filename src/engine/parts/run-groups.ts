import { allocate, copyIndexesIn, kernels, withScratch } from '#kernels/kernels.ts';
import type { View } from '#kernels/view.ts';
import type { Parameters } from '#normalizers/method.ts';
import { itemSize } from '#tensor/dtype.ts';

/** The samples of a block, sorted by group. */
export interface SortedSamples {
  view: View;
  /** The groups that are there, in ascending order, and the first sample of each. */
  groups: Int32Array;
  starts: Int32Array;
  /** The sample of the block that each sorted one is. */
  order: Int32Array;
  /** The block's first sample among all. */
  first: number;
}

/**
 * Sorts the samples of a block by group; within a group they keep their order.
 * @param index the group of each sample of the tensor, `count` where it has none
 * @param keepsOthers whether samples without a group are among them, as a last group of their own
 */
export function sortSamples(
  view: View,
  sampleLength: number,
  { index, count }: { index: Int32Array; count: number },
  keepsOthers: boolean,
): SortedSamples {
  const first = view.offset / sampleLength;
  const samples = view.count / sampleLength;
  const own = index.subarray(first, first + samples);
  const ends = new Int32Array(count + 2);
  for (let at = 0; at < samples; at++) ends[own[at] + 1]++;
  const groups: number[] = [];
  const starts: number[] = [];
  for (let group = 0, sum = 0; group <= count; group++) {
    const size = ends[group + 1];
    ends[group] = sum;
    if (size > 0 && (keepsOthers || group < count)) {
      groups.push(group);
      starts.push(sum);
      sum += size;
    } else if (size > 0) ends[group] = -1;
  }
  const last = groups.length === 0 ? 0 : samplesWithin(own, count, keepsOthers);
  const order = new Int32Array(last);
  for (let at = 0; at < samples; at++) {
    const group = own[at];
    if (ends[group] >= 0) order[ends[group]++] = at;
  }
  const sorted = gatherSamples(view, sampleLength, order);
  return { view: sorted, groups: Int32Array.from(groups), starts: Int32Array.from([...starts, last]), order, first };
}

function samplesWithin(own: Int32Array, count: number, keepsOthers: boolean): number {
  if (keepsOthers) return own.length;
  let samples = 0;
  for (let at = 0; at < own.length; at++) if (own[at] < count) samples++;
  return samples;
}

function gatherSamples(view: View, sampleLength: number, order: Int32Array): View {
  const bytes = sampleLength * itemSize(view.dtype);
  const address = allocate(order.length * bytes);
  copySamples(view.address, address, bytes, order, true);
  const first = view.offset;
  return {
    dtype: view.dtype,
    address,
    offset: 0,
    count: order.length * sampleLength,
    locate: (flat) =>
      view.locate(first + order[Math.floor(flat / sampleLength)] * sampleLength + (flat % sampleLength)),
  };
}

function copySamples(from: number, to: number, bytes: number, order: Int32Array, isGather: boolean): void {
  withScratch(() => kernels.copy_samples(from, to, bytes, copyIndexesIn(order), order.length, isGather));
}

/** Puts sorted samples back in the order of the block. */
export function unsortSamples(sorted: View, sampleLength: number, order: Int32Array): number {
  const bytes = sampleLength * itemSize(sorted.dtype);
  const address = allocate(order.length * bytes);
  copySamples(sorted.address, address, bytes, order, false);
  return address;
}

/** The parameters of some groups out of those of all, which have `slices` for each. */
export function pickGroups(parameters: Parameters, groups: Int32Array, slices: number): Parameters {
  const picked = Object.entries(parameters).map(([name, values]) => {
    const own = new Float64Array(groups.length * slices);
    for (let at = 0; at < groups.length; at++) {
      const from = groups[at] * slices;
      for (let slice = 0; slice < slices; slice++) own[at * slices + slice] = values[from + slice];
    }
    return [name, own] as const;
  });
  return Object.fromEntries(picked);
}
