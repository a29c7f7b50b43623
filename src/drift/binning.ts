import { createSliceNames } from '#lineage/slice-names.ts';
import { profiledSlices } from '#normalizers/composition/profiled-slices.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { type BinEdges, countedColumns, createBinEdges } from '#statistics/drift/bin-counts.ts';
import { binsOf, describeProfile } from '#statistics/drift/profile.ts';
import type { Axis } from '#tensor/axis.ts';

/** Which values of a batch are counted, and by which bins. */
export interface Binning {
  bins: BinEdges;
  axis: Axis;
  columns?: number[];
  /** What the slices that are counted apart are called. */
  names: string[];
  /** Of each of these, the shares of its ten bins in the fit; of all as one, their mean. */
  fittedShares: number[][];
}

/** The bins that a fitted normalizer's profile gives; nothing without a profile. */
export function createBinning(fitted: Fitted): Binning | undefined {
  const { profile } = fitted;
  if (!profile) return undefined;
  const { min, max } = describeProfile(profile);
  const deciles = profile.sketches.map((sketch, slice) => binsOf(sketch, max[slice]));
  const bins = createBinEdges(deciles, min, max);
  const shares = deciles.map((own) => Array.from({ length: 10 }, (_, bin) => own.shares[bin] ?? 0));
  const nameOf = createSliceNames(fitted);
  const names = bins.isPooled
    ? ['']
    : Array.from({ length: countedColumns(bins) }, (_, slice) => showSlice(nameOf(slice)));
  return {
    bins,
    ...profiledSlices(fitted.normalizer),
    names,
    fittedShares: bins.isPooled ? [meanOf(shares)] : shares,
  };
}

/** The mean of several lists, number by number. */
export function meanOf(lists: readonly number[][]): number[] {
  return lists[0].map((_, at) => lists.reduce((sum, list) => sum + list[at], 0) / lists.length);
}

function showSlice(name: ReturnType<ReturnType<typeof createSliceNames>>): string {
  return name === null ? '' : typeof name === 'string' ? name : JSON.stringify(name);
}
