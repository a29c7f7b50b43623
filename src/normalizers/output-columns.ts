import type { Fitted } from './fitted-normalizer.ts';
import type { CommonOptions, ResolvedOptions } from './method.ts';
import { methodOf } from './normalizer.ts';

/** The columns of one side of a normalizer that does not give one column for each it takes. */
export interface RowSide {
  /** Columns of a whole row. */
  rowLength: number;
  /** Those that are computed on, or with. */
  computed: number[];
  /** Those that pass, in the same order on both sides. */
  passed: number[];
}

/**
 * The rows that go into a transform, and those that come out of it; undefined where every column keeps its place. What is
 * computed stands where the first of the columns was that it is computed from.
 * @param rowLength columns of the rows that were fitted
 */
export function rowSides(
  normalizer: ResolvedOptions,
  rowLength: number,
): { input: RowSide; output: RowSide } | undefined {
  const outputs = methodOf(normalizer).outputs?.(normalizer);
  if (!outputs) return undefined;
  const taken = normalizer.columns ?? Array.from({ length: rowLength }, (_, at) => at);
  const first = taken.reduce((least, at) => Math.min(least, at));
  const isTaken = new Set(taken);
  const passed = Array.from({ length: rowLength }, (_, at) => at).filter((at) => !isTaken.has(at));
  const place = passed.filter((at) => at < first).length;
  const { count } = outputs;
  return {
    input: { rowLength, computed: taken, passed },
    output: {
      rowLength: passed.length + count,
      computed: Array.from({ length: count }, (_, at) => place + at),
      passed: passed.map((_, at) => (at < place ? at : at + count)),
    },
  };
}

/** The shape of what a fitted normalizer's transform gives; `null` where another batch may differ. */
export function transformedShape({
  normalizer,
  input: { shape },
}: Pick<Fitted, 'normalizer' | 'input'>): (number | null)[] {
  const sides = rowSides(normalizer, shape.at(-1) ?? 1);
  return sides ? [...shape.slice(0, -1), sides.output.rowLength] : shape;
}

/** What a call makes of data, as far as their shape depends on it. */
export interface Conversion {
  operation: string;
  normalizer?: CommonOptions;
  fitted?: Pick<Fitted, 'normalizer' | 'input'>;
}

/** The shape of a call's output for data of a shape. */
export function outputShape({ operation, normalizer, fitted }: Conversion, shape: readonly number[]): number[] {
  const asked = fitted?.normalizer ?? normalizer;
  const rowLength = shape.at(-1);
  if (!asked || rowLength === undefined) return [...shape];
  if (operation === 'inverse-transform') {
    const narrowed = methodOf(asked).outputs?.(asked) !== undefined;
    return narrowed && fitted ? [...shape.slice(0, -1), fitted.input.shape.at(-1) ?? rowLength] : [...shape];
  }
  const sides = rowSides(asked as ResolvedOptions, rowLength);
  return sides ? [...shape.slice(0, -1), sides.output.rowLength] : [...shape];
}

/** What a call's output columns are called; nothing where those of its data have no names. */
export function outputNames({ operation, normalizer, fitted }: Conversion, names: readonly string[]): string[] {
  const asked = fitted?.normalizer ?? normalizer;
  const outputs = asked && methodOf(asked).outputs?.(asked);
  if (!outputs || names.length === 0 || operation === 'inverse-transform') return [...names];
  const sides = rowSides(asked as ResolvedOptions, names.length);
  const renamed = new Array<string>(sides?.output.rowLength ?? 0);
  sides?.output.computed.forEach((at, index) => (renamed[at] = `${outputs.name}${index}`));
  sides?.output.passed.forEach((at, index) => (renamed[at] = names[sides.input.passed[index]]));
  return renamed;
}
