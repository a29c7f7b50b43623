import { Problem } from '#errors.ts';

/** A slice that a method cannot learn from. The method knows its place among those that it learns at once. */
type SliceProblem = Problem & { slice: number };

export function sliceProblem(slice: number, detail: string): SliceProblem {
  return Object.assign(new Problem('not_computable', detail), { slice });
}

/** The error with the slice's name before its text, where it is of a slice. */
export function nameSlice(error: unknown, nameOf: (slice: number) => string | undefined): unknown {
  if (!(error instanceof Problem && 'slice' in error)) return error;
  const name = nameOf((error as SliceProblem).slice);
  const { message } = error;
  const detail = name === undefined ? `${message[0].toUpperCase()}${message.slice(1)}` : `${name}: ${message}`;
  return new Problem(error.code, detail);
}
