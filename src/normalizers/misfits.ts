import { kernels } from '#kernels/kernels.ts';

/** Finite values that came out as something else. */
export interface Misfits {
  /** As an infinity: they do not fit the output's dtype. */
  overflows: number;
  /** As NaN: the formula has no value for them. */
  strays: number;
}

/** Counts what `compute` makes infinite or NaN; undefined where that is nothing. */
export function countMisfits<Result>(compute: () => Result): { result: Result; misfits?: Misfits } {
  kernels.reset_misfits();
  const result = compute();
  const misfits = { overflows: kernels.overflow_count(), strays: kernels.stray_count() };
  return misfits.overflows + misfits.strays > 0 ? { result, misfits } : { result };
}

export function addMisfits(one: Misfits | undefined, other: Misfits | undefined): Misfits | undefined {
  if (!one || !other) return one ?? other;
  return { overflows: one.overflows + other.overflows, strays: one.strays + other.strays };
}
