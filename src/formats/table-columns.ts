/** What a table in a request calls its columns, for an answer that is a table again. */
export interface TableColumns {
  names: readonly string[];
  /** Whether all elements of a sample are in one column, of lists. */
  ofLists: boolean;
}

/** Columns of a tensor of rank 2; one of rank 1 is one column. */
export function columnCount(shape: readonly number[]): number {
  return shape[1] ?? 1;
}
