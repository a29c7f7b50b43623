import { Problem } from '#errors.ts';

/** Maximum rank. */
export const maxRank = 8;

/**
 * Whether the number of samples is still unknown, as for a table before its end. The length of axis 0 is then Infinity,
 * so that anything held per sample exceeds every limit.
 */
export function hasUnknownLength(shape: readonly number[]): boolean {
  return shape[0] === Infinity;
}

/**
 * The number of elements of a shape; Infinity if the number of samples is unknown.
 * @throws Problem if the shape has more than 8 axes, or more elements than a double can count exactly
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

/** Maximum empty lists in JSON: an array of shape (1000000, 0) has no bytes but would be a million of them. */
export const maxEmptyLists = 2 ** 20;

/** A shape as NumPy prints it: `(60000, 784)`, `(3,)`, `()`. */
export function formatShape(shape: readonly (number | null)[]): string {
  const lengths = shape.map((length) => length ?? 'any');
  return lengths.length === 1 ? `(${lengths[0]},)` : `(${lengths.join(', ')})`;
}

/** The shape of an array's selected columns along the last axis; its own shape if all are selected. */
export function selectedShape<Length>(
  shape: readonly Length[],
  columns: readonly number[] | undefined,
): (Length | number)[] {
  return columns ? [...shape.slice(0, -1), columns.length] : [...shape];
}
