/** Samples in rows, features in columns, row-major. */
export interface Matrix {
  values: Float64Array;
  rows: number;
  columns: number;
}

/** The mean of each column over some rows. */
export function columnMeans({ values, columns }: Matrix, rows: ArrayLike<number>): Float64Array {
  const means = new Float64Array(columns);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i] * columns;
    for (let j = 0; j < columns; j++) means[j] += values[start + j];
  }
  for (let j = 0; j < columns; j++) means[j] /= rows.length;
  return means;
}

/** The variance of each column over some rows, with ddof 0; two passes, so that a large mean costs no digits. */
export function columnVariances(
  { values, columns }: Matrix,
  rows: ArrayLike<number>,
  means: Float64Array,
): Float64Array {
  const variances = new Float64Array(columns);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i] * columns;
    for (let j = 0; j < columns; j++) variances[j] += (values[start + j] - means[j]) ** 2;
  }
  for (let j = 0; j < columns; j++) variances[j] /= rows.length;
  return variances;
}
