import { createSliceNames, type SliceName } from '#lineage/slice-names.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { correctForMany } from '#statistics/drift/benjamini-hochberg.ts';
import { countNames, slotCount } from '#statistics/drift/bin-counts.ts';
import { binsOf, describeProfile, type Profile } from '#statistics/drift/profile.ts';
import { outOfRangeTail, sharesTail } from '#statistics/drift/rare-events.ts';
import { stabilityOf } from '#statistics/drift/stability.ts';
import { showName } from './drift.ts';

/** How what a version transformed lately differs from what it was fitted on, by the shares of its deciles. */
export interface WindowDrift {
  drifted: boolean;
  reasons: string[];
  alpha: number;
  /** Values that were transformed, and those that were looked at. */
  n_values: number;
  n_counted: number;
  columns: WindowColumn[];
}

interface WindowColumn {
  /** Null where all columns are counted as one. */
  name: SliceName;
  drifted: boolean;
  n_values: number;
  n_counted: number;
  psi: number | null;
  /** Of χ², for shares, NaN and values out of range, corrected for the tests and the columns. */
  p_value: number | null;
  fitted_shares: number[];
  shares: number[];
  nan_share: number | null;
  fitted_nan_share: number | null;
  out_of_range_share: number | null;
}

/** What a column was fitted on, as far as counts can be compared with it. */
interface FittedShares {
  shares: number[];
  count: number;
  nan: number;
  effectiveCount: number;
}

const bins = 10;
const maxReasons = 20;

/** @param counts of all replicas and spans added up: `slotCount` numbers for each column, or for all as one */
export function findWindowDrift(fitted: Fitted, profile: Profile, counts: Float64Array, alpha: number): WindowDrift {
  const nameOf = createSliceNames(fitted);
  const columnCount = counts.length / slotCount;
  const isPooled = columnCount < profile.sketches.length;
  const before = fittedShares(profile);
  const references = isPooled ? [pool(before)] : before;
  const compared = references.map((reference, at) =>
    compareCounts(reference, counts.subarray(at * slotCount, (at + 1) * slotCount)),
  );
  const corrected = correctForMany(compared.map(({ p }) => p));
  const columns = compared.map(({ figures }, at): WindowColumn => {
    const p = corrected[at];
    const name = isPooled ? null : nameOf(at);
    return { name, drifted: p <= alpha, p_value: Number.isNaN(p) ? null : p, ...figures };
  });
  const drifted = columns.filter((column) => column.drifted);
  const sum = (of: (column: WindowColumn) => number) => columns.reduce((total, column) => total + of(column), 0);
  return {
    drifted: drifted.length > 0,
    reasons: drifted
      .toSorted((a, b) => (a.p_value ?? 1) - (b.p_value ?? 1))
      .slice(0, maxReasons)
      .map(reasonOf),
    alpha,
    n_values: sum(({ n_values: count }) => count),
    n_counted: sum(({ n_counted: count }) => count),
    columns,
  };
}

function fittedShares(profile: Profile): FittedShares[] {
  const { nobs, nan_count: nan, max } = describeProfile(profile);
  return profile.sketches.map((sketch, slice) => {
    const { shares } = binsOf(sketch, max[slice]);
    const { effectiveCount } = sketch;
    return { shares, count: nobs[slice], nan: nan[slice], effectiveCount };
  });
}

/** All columns as one, each as heavy as it was in the fit. */
function pool(columns: readonly FittedShares[]): FittedShares {
  const total = (of: (column: FittedShares) => number) => columns.reduce((sum, column) => sum + of(column), 0);
  const count = total((column) => column.count);
  return {
    shares: Array.from(
      { length: bins },
      (_, bin) => total((column) => (column.shares[bin] ?? 0) * column.count) / count,
    ),
    count,
    nan: total((column) => column.nan),
    effectiveCount: total((column) => column.effectiveCount),
  };
}

function compareCounts(reference: FittedShares, counts: Float64Array) {
  const [nan, below, above] = ['nan', 'below', 'above'].map((name) => counts[countNames.indexOf(name as never)]);
  const total = counts.subarray(0, countNames.length).reduce((sum, count) => sum + count, 0);
  const counted = counts[slotCount - 1];
  // The tests go by the values that were looked at; the others are only estimated from them.
  const scale = total > 0 ? counted / total : 0;
  const used = Math.max(1, reference.shares.length);
  const inBins = Array.from(counts.subarray(0, used));
  inBins[0] += below;
  inBins[used - 1] += above;
  const known = total - nan;
  const { psi, pValue } = stabilityOf(
    inBins.map((count) => count * scale),
    reference.shares,
    reference.effectiveCount,
  );
  const outside = Math.round((below + above) * scale);
  const tests = [
    pValue,
    sharesTail(nan * scale, counted, reference.nan, reference.nan + reference.count),
    known > 0 ? outOfRangeTail(outside, Math.round(known * scale), reference.count) : NaN,
  ].filter((p) => !Number.isNaN(p));
  const figures = {
    n_values: Math.round(total),
    n_counted: counted,
    psi: orNull(psi),
    fitted_shares: reference.shares,
    shares: inBins.map((count) => (known > 0 ? count / known : 0)),
    nan_share: orNull(nan / total),
    fitted_nan_share: orNull(reference.nan / (reference.nan + reference.count)),
    out_of_range_share: orNull((below + above) / known),
  };
  return { p: tests.length === 0 ? NaN : Math.min(1, tests.length * Math.min(...tests)), figures };
}

function reasonOf({ name, psi, nan_share: nan, out_of_range_share: outside }: WindowColumn): string {
  const percent = (share: number | null) => `${Number(((share ?? 0) * 100).toPrecision(3))} %`;
  return `${showName(name)}: PSI ${psi === null ? '–' : Number(psi.toPrecision(3))}, NaN ${percent(nan)}, out of range ${percent(outside)}`;
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
