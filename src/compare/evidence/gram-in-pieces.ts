import type { Runner } from '#pool/task.ts';
import { runStep } from './run-in-pool.ts';
import type { SharedMatrix } from './steps.ts';

/** Multiplications that one piece of work has, about: a tenth of a second. */
export const workPerTask = 2e8;

/** Columns beyond which no linear model is solved, nor the spectrum of its Hessian. */
export const maxSolvedColumns = 1024;

/** (X − offset)ᵀ(X − offset) over some rows, its lower triangle: piece by piece, one after the other, so that the sums have one order. */
export async function gramInPieces(
  x: SharedMatrix,
  rows: Uint32Array,
  offset: Float64Array,
  run: Runner,
): Promise<SharedArrayBuffer> {
  const gram = new SharedArrayBuffer(x.columns * x.columns * 8);
  const size = Math.max(64, Math.floor((2 * workPerTask) / (x.columns * x.columns)));
  for (let first = 0; first < rows.length; first += size)
    await runStep(run, { name: 'gram', x, rows: rows.slice(first, first + size), offset, gram });
  return gram;
}
