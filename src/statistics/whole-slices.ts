import type { Layout } from '#tensor/layout.ts';
import { type EachView, eachPiece, eachSlice, orderStatisticsOf, quantilesOf } from './quantiles/quantiles.ts';

/** The slices of a tensor, whole, for what a single pass cannot compute. NaN is left out. */
export interface WholeSlices {
  /** Entries of a slice, NaN included. */
  sliceLength: number;
  /** Where samples have weights: the sum of those that count, per slice, once `quantiles` has looked at them. */
  weightSums?(): Float64Array<ArrayBuffer>;
  /** Exact quantiles between 0 and 1: one row per quantile, one value per slice. */
  quantiles(quantiles: readonly number[]): Float64Array<ArrayBuffer>;
  /** Order statistics at `wanted` positions among a slice's sorted values: one row per position, one value per slice. */
  orderStatistics(wanted: number, positions: (count: number) => Float64Array): Float64Array<ArrayBuffer>;
  /** Each slice's values, in the order of the data. */
  each(visit: (values: Float64Array, slice: number) => void): void;
  /** The same in pieces of bounded length; those of a slice come in the order of the data. */
  eachPiece(visit: (values: Float64Array, slice: number) => void): void;
}

export function wholeSlices(eachView: EachView, layout: Layout): WholeSlices {
  return {
    sliceLength: layout.sliceLength,
    quantiles: (quantiles) => quantilesOf(eachView, layout, quantiles),
    orderStatistics: (wanted, positions) => orderStatisticsOf(eachView, layout, wanted, positions),
    each: (visit) => eachSlice(eachView, layout, visit),
    eachPiece: (visit) => eachPiece(eachView, layout, visit),
  };
}
