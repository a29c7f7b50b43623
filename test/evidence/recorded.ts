import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { python } from '../python.ts';

/** What one scaler gives on one data set: how many of each fold are right, or R². */
export interface RecordedScaler {
  normalizer: object | null;
  knn: number[];
  linear: number[];
  ridge?: number[];
  centroid?: number[];
  discordant?: [number, number];
  max_eigenvalue: number;
  condition_number: number;
  rank: number;
}

/** What scikit-learn, NumPy and SciPy say: see fixtures/evidence.py. */
interface Recorded {
  anchors: { test: number[]; right: Record<string, number> };
  sets: Record<
    string,
    { shape: [number, number]; sum: number; scalers: Record<string, RecordedScaler>; norm_auc?: number[] }
  >;
  mcnemar: [onlyFirst: number, onlySecond: number, p: number][];
  spectra: { matrix: number[][]; eigenvalues: number[] }[];
  folds: { labels: number[]; folds: number[] }[];
}

export const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/evidence.json', import.meta.url), 'utf8'),
) as Recorded;

/** A data set that scikit-learn ships. */
export interface DataSet {
  values: Float64Array;
  labels: Float64Array;
  rows: number;
  columns: number;
}

/** Has scikit-learn write its data sets to a folder that is gone after the tests, and reads them. */
export function readDataSets(): Record<string, DataSet> {
  const folder = mkdtempSync(join(tmpdir(), 'norma-data-'));
  after(() => rmSync(folder, { recursive: true }));
  execFileSync(python, [fileURLToPath(new URL('../fixtures/evidence.py', import.meta.url)), 'data', folder]);
  return Object.fromEntries(
    Object.keys(recorded.sets).map((name) => {
      const lines = readFileSync(join(folder, `${name}.csv`), 'utf8')
        .trim()
        .split('\n');
      const rows = lines.map((line) => line.split(',').map(Number));
      const columns = rows[0].length - 1;
      const values = Float64Array.from(rows.flatMap((row) => row.slice(0, columns)));
      return [name, { values, labels: Float64Array.from(rows, (row) => row[columns]), rows: rows.length, columns }];
    }),
  );
}
