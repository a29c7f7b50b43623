/** The column names of a table in a request, for an answer that is a table again. */
export interface TableColumns {
  names: readonly string[];
  /** Whether all elements of a sample are in one column of lists. */
  ofLists: boolean;
}

/** The number of columns of a tensor of rank 2; a tensor of rank 1 is one column. */
export function columnCount(shape: readonly number[]): number {
  return shape[1] ?? 1;
}
