import type { Candidate } from '#evidence/candidates.ts';
import type { ColumnProfile } from '#evidence/columns.ts';
import type { Conditioning } from '#evidence/conditioning.ts';
import { spreadOf } from '#evidence/norms.ts';
import type { Runner } from '#pool/task.ts';
import { gramInPieces, maxSolvedColumns, workPerTask } from './gram-in-pieces.ts';
import { runStep } from './run-in-pool.ts';
import type { SharedMatrix } from './steps.ts';

/** What there is to know of a candidate without labels. */
export type Examined = Pick<Candidate, 'columns' | 'norms' | 'conditioning'> & {
  /** The norm of each sample. */
  rowNorms: Float64Array;
};

/**
 * Looks at all samples as a candidate has them.
 * @returns undefined where they hold an infinity: there the method has left a double's range
 */
export async function examineCandidate(x: SharedMatrix, run: Runner): Promise<Examined | undefined> {
  const rowNorms = await runStep(run, { name: 'norms', x });
  if (!rowNorms.every(Number.isFinite)) return undefined;
  const [columns, conditioning] = await Promise.all([profileInPieces(x, run), conditioningInPieces(x, run)]);
  return { columns, norms: spreadOf(rowNorms), conditioning, rowNorms };
}

async function profileInPieces(x: SharedMatrix, run: Runner): Promise<ColumnProfile[]> {
  // A value takes about as long to sort as fifty multiplications.
  const size = Math.max(1, Math.floor(workPerTask / (50 * x.rows)));
  const pieces = Array.from({ length: Math.ceil(x.columns / size) }, (_, i) =>
    runStep(run, { name: 'profile', x, first: i * size, count: Math.min(size, x.columns - i * size) }),
  );
  return (await Promise.all(pieces)).flat();
}

async function conditioningInPieces(x: SharedMatrix, run: Runner): Promise<Conditioning | undefined> {
  if (x.columns > maxSolvedColumns) return undefined;
  const all = Uint32Array.from({ length: x.rows }, (_, i) => i);
  const gram = await gramInPieces(x, all, new Float64Array(x.columns), run);
  const means = await runStep(run, { name: 'means', x, rows: all });
  const sums = means.map((mean) => mean * x.rows);
  return runStep(run, { name: 'conditioning', gram, sums, samples: x.rows });
}
