import { Problem } from '#errors.ts';

/** The highest rank that is read. */
export const maxRank = 8;

/**
 * Whether it is not known yet how many samples there are: a table says it by its end. Until then the length of axis 0 is
 * Infinity, so that whatever would be held for each sample is over every limit.
 */
export function hasUnknownLength(shape: readonly number[]): boolean {
  return shape[0] === Infinity;
}

/**
 * The number of elements of a shape; Infinity of an open one.
 * @throws Problem when the shape has more than 8 axes, or holds more elements than a double counts exactly
 */
export function elementCount(shape: readonly number[]): number {
  if (shape.length > maxRank) {
    throw new Problem('rank_too_high', `This shape has ${shape.length} axes; the maximum is ${maxRank}.`);
  }
  if (hasUnknownLength(shape)) return Infinity;
  const count = shape.reduce((product, length) => product * length, 1);
  const largest = shape.reduce((product, length) => product * Math.max(length, 1), 1);
  if (!Number.isSafeInteger(largest)) {
    throw new Problem('invalid_data', `The shape ${formatShape(shape)} has too many elements.`);
  }
  return count;
}

/** Empty lists that an array without elements may be: the shape (1000000, 0) is a million of them, in no bytes at all. */
export const maxEmptyLists = 2 ** 20;

/** A shape as NumPy prints it: `(60000, 784)`, `(3,)`, `()`. */
export function formatShape(shape: readonly (number | null)[]): string {
  const lengths = shape.map((length) => length ?? 'any');
  return lengths.length === 1 ? `(${lengths[0]},)` : `(${lengths.join(', ')})`;
}

/** The shape of an array's selected columns, along its last axis; its own where all are selected. */
export function selectedShape<Length>(
  shape: readonly Length[],
  columns: readonly number[] | undefined,
): (Length | number)[] {
  return columns ? [...shape.slice(0, -1), columns.length] : [...shape];
}
