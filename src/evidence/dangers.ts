import { maxIndex } from 'd3-array';
import type { Candidate } from './candidates.ts';
import type { ColumnProfile } from './columns.ts';
import type { NormSignal } from './norm-signal.ts';

/** Something that a candidate does to these data and that is seldom wanted. */
export interface Danger {
  code: 'near_constant_columns' | 'sentinels' | 'norm_is_signal' | 'one_column_decides' | 'zeros_lost';
  /** The candidate. */
  candidate: number;
  /** The columns that show it. */
  columns: number[];
  /** The number that shows it best; what it is depends on the code. */
  figure: number;
}

/** A column of which this share is one value is nearly constant. */
const nearlyConstant = 0.95;

/** How many times the other columns' largest value a nearly constant column may reach. */
const farBeyond = 5;

/** The share of the squares that one column may have before it decides alone. */
const deciding = 0.9;

/** The share of zeros from which data are sparse. */
const sparse = 0.5;

/**
 * What each candidate endangers. The first candidate is the data as they are.
 * @param sharesUnit whether all columns have one unit, as pixels have: these are not kept sparse
 */
export function findDangers(
  candidates: readonly Candidate[],
  signal: NormSignal | undefined,
  sharesUnit: boolean,
): Danger[] {
  const [input] = candidates;
  return candidates.flatMap((candidate, index) => {
    if (candidate.isInput) return [];
    const found: (Omit<Danger, 'candidate'> | undefined)[] = [
      candidate.keepsColumns ? nearConstantColumns(candidate.columns, input.columns) : undefined,
      candidate.outliersDecide ? sentinels(input.columns) : undefined,
      candidate.isPerSample && signal?.isSignal
        ? { code: 'norm_is_signal', columns: [], figure: signal.strength }
        : undefined,
      candidate.isPerSample ? oneColumnDecides(input.columns) : undefined,
      sharesUnit ? undefined : zerosLost(candidate.columns, input.columns),
    ];
    return found.flatMap((danger) => (danger ? [{ ...danger, candidate: index }] : []));
  });
}

/** Columns that are one value almost always, and whose few others reach far beyond what other columns reach. */
function nearConstantColumns(outputs: ColumnProfile[], inputs: ColumnProfile[]): Omit<Danger, 'candidate'> | undefined {
  const reach = (columns: ColumnProfile[]) => columns.map(({ min, max, mean }) => Math.max(max - mean, mean - min));
  const reaches = reach(outputs);
  const usual = middle(reaches.filter((value, j) => value > 0 && inputs[j].modeShare <= nearlyConstant));
  const before = reach(inputs);
  const usualBefore = middle(before.filter((value, j) => value > 0 && inputs[j].modeShare <= nearlyConstant));
  if (!(usual > 0) || !(usualBefore > 0)) return undefined;
  const columns = [...reaches.keys()].filter(
    (j) =>
      inputs[j].modeShare > nearlyConstant &&
      reaches[j] > farBeyond * usual &&
      reaches[j] / usual > 2 * (before[j] / usualBefore),
  );
  if (columns.length === 0) return undefined;
  columns.sort((a, b) => reaches[b] - reaches[a]);
  return { code: 'near_constant_columns', columns, figure: reaches[columns[0]] };
}

function sentinels(inputs: ColumnProfile[]): Omit<Danger, 'candidate'> | undefined {
  const columns = [...inputs.keys()].filter((j) => inputs[j].sentinel);
  if (columns.length === 0) return undefined;
  return { code: 'sentinels', columns, figure: inputs[columns[0]].sentinel?.value ?? Number.NaN };
}

/** Of columns of unlike scales the largest one is nearly all of a sample's norm. */
function oneColumnDecides(inputs: ColumnProfile[]): Omit<Danger, 'candidate'> | undefined {
  if (inputs.length < 2) return undefined;
  const squares = inputs.map(({ mean, std }) => mean * mean + std * std);
  const total = squares.reduce((sum, square) => sum + square, 0);
  const largest = maxIndex(squares);
  const share = squares[largest] / total;
  return share > deciding ? { code: 'one_column_decides', columns: [largest], figure: share } : undefined;
}

function zerosLost(outputs: ColumnProfile[], inputs: ColumnProfile[]): Omit<Danger, 'candidate'> | undefined {
  const [before, after] = [zeroShare(inputs), zeroShare(outputs)];
  return before > sparse && after < before / 2 ? { code: 'zeros_lost', columns: [], figure: before } : undefined;
}

export function zeroShare(columns: readonly ColumnProfile[]): number {
  return columns.reduce((sum, column) => sum + column.zeroShare / columns.length, 0);
}

/** The middle one of some numbers; NaN of none. */
function middle(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
