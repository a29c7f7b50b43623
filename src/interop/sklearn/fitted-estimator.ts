/** What an attribute holds: an array of rank 1 or 2, one of names, a number, None, or an estimator. */
export type Attribute = NumericArray | readonly string[] | number | null | FittedEstimator;

export interface NumericArray {
  values: Float64Array;
  shape: readonly number[];
}

/** A function of NumPy, as an argument. */
export interface NumpyFunction {
  numpy: string;
}

export function isFunction(value: unknown): value is NumpyFunction {
  return typeof value === 'object' && value !== null && 'numpy' in value;
}

export interface FittedEstimator {
  class: string;
  /** By default sklearn.preprocessing. */
  module?: string;
  params: Readonly<Record<string, unknown>>;
  attributes: Readonly<Record<string, Attribute>>;
}

/** The cells of an array of rank 1, or lists of them for rank 2. */
export function rowsOf<Cell>({ values, shape }: NumericArray, cell: (value: number) => Cell): Cell[] | Cell[][] {
  const cells = Array.from(values, cell);
  if (shape.length === 1) return cells;
  const [rows, columns] = shape;
  return Array.from({ length: rows }, (_, row) => cells.slice(row * columns, (row + 1) * columns));
}
