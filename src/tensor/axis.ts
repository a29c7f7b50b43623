import { problemAt } from '#errors.ts';

/** The axis or axes statistics are computed over, exactly as in NumPy; `null` is all of them. */
export type Axis = number | readonly number[] | null;

/**
 * Which of the tensor's axes an axis option reduces.
 *
 * A rank-0 tensor accepts 0 and −1, as in NumPy's reductions.
 * @returns one boolean per axis of the tensor
 * @throws Problem axis_out_of_range for an axis that the tensor does not have, or a duplicate
 */
export function reducedAxes(axis: Axis, rank: number, pointer = '/normalizer/axis'): boolean[] {
  if (axis === null) return new Array(rank).fill(true);
  const reduced = new Array<boolean>(rank).fill(false);
  for (const one of typeof axis === 'number' ? [axis] : axis) {
    const least = Math.max(rank, 1);
    if (one < -least || one >= least) {
      throw problemAt('axis_out_of_range', pointer, `Axis ${one} is out of range for an array of rank ${rank}.`);
    }
    if (rank === 0) continue;
    const at = one < 0 ? one + rank : one;
    if (reduced[at]) throw problemAt('axis_out_of_range', pointer, `Axis ${at} is given twice.`);
    reduced[at] = true;
  }
  return reduced;
}

/** The shape without the reduced axes: NumPy's keepdims=False. */
export function keptShape<T>(shape: readonly T[], reduced: readonly boolean[]): T[] {
  return shape.filter((_, at) => !reduced[at]);
}
