import type { SliceName } from '#lineage/slice-names.ts';
import { createSliceNames } from '#lineage/slice-names.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { correctForMany } from '#statistics/drift/benjamini-hochberg.ts';
import { describeProfile, type Profile } from '#statistics/drift/profile.ts';
import { type ColumnFigures, compareColumn, type Sample, smallestP, type TestName } from './column.ts';

/** How a batch differs from the data that a normalizer was fitted on. */
export interface Drift {
  drifted: boolean;
  reasons: string[];
  /** The share of false alarms, among the columns that drifted, that was asked for. */
  alpha: number;
  /** Values of the longest column in the batch and in the fit, NaN included. */
  n_samples: number;
  n_fitted: number;
  columns: ColumnDrift[];
}

export interface ColumnDrift extends ColumnFigures {
  name: SliceName;
  drifted: boolean;
  reasons: string[];
  /** Corrected for the number of tests and of columns; null where nothing could be tested. */
  p_value: number | null;
}

/** Reasons that the whole answer repeats of its columns. */
const maxReasons = 20;

/**
 * Compares a batch with a profile, slice by slice.
 * @param samples of the slices, in their order
 * @param alpha the significance level, between 0 and 1
 */
export function findDrift(fitted: Fitted, profile: Profile, samples: readonly Sample[], alpha: number): Drift {
  const description = describeProfile(profile);
  const nameOf = createSliceNames(fitted);
  const figures = samples.map((sample, slice) => compareColumn(profile.sketches[slice], description, slice, sample));
  const raw = figures.map(smallestP);
  const corrected = correctForMany(raw);
  const columns = figures.map((column, slice): ColumnDrift => {
    const p = corrected[slice];
    const drifted = p <= alpha;
    // Only tests that are significant by themselves are reasons.
    const factor = raw[slice] > 0 ? p / raw[slice] : 1;
    const reasons = drifted ? reasonsOf(column, alpha / factor) : [];
    return { name: nameOf(slice), drifted, reasons, p_value: Number.isNaN(p) ? null : p, ...column };
  });
  const drifted = columns.filter((column) => column.drifted);
  const reasons = drifted
    .toSorted((a, b) => (a.p_value ?? 1) - (b.p_value ?? 1))
    .flatMap((column) =>
      column.reasons.map((reason) => (column.name === null ? reason : `${showName(column.name)}: ${reason}`)),
    );
  return {
    drifted: drifted.length > 0,
    reasons: reasons.slice(0, maxReasons),
    alpha,
    n_samples: samples.reduce((most, { sorted, nanCount }) => Math.max(most, sorted.length + nanCount), 0),
    n_fitted: description.nobs.reduce((most, count, at) => Math.max(most, count + description.nan_count[at]), 0),
    columns,
  };
}

export function showName(name: SliceName): string {
  if (typeof name === 'string') return name;
  return name === null ? 'all values' : `column ${JSON.stringify(name)}`;
}

function reasonsOf(column: ColumnFigures, alpha: number): string[] {
  const tests = Object.entries(column.p_values) as [TestName, number | null][];
  const count = tests.filter(([, p]) => p !== null).length;
  return tests.filter(([, p]) => p !== null && p * count <= alpha).map(([test]) => sentences[test](column));
}

const sentences: Record<TestName, (column: ColumnFigures) => string> = {
  psi: ({ psi }) => `the shares of the fitted deciles changed (PSI ${show(psi)})`,
  ks: ({ ks, wasserstein, mean_shift: shift }) =>
    `the distribution moved (Kolmogorov–Smirnov ${show(ks)}, Wasserstein ${show(wasserstein)} σ, mean by ${show(shift)} σ)`,
  nan: ({ nan_share: share, fitted_nan_share: before }) => `NaN: ${percent(share)}, fitted ${percent(before)}`,
  out_of_range: ({ out_of_range_share: share }) => `${percent(share)} of the values lie outside the fitted range`,
};

function show(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(3)));
}

function percent(share: number | null): string {
  return share === null ? '–' : `${Number((share * 100).toPrecision(3))} %`;
}
