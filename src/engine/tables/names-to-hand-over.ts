import type { TensorInput } from '#formats/tensor-input.ts';

/** Columns up to this many tell their names to whoever looks for faults in a block. */
const maxNamesHandedOver = 1000;

/** The names of a table's columns, where they are few enough to go with every task. */
export function namesToHandOver(table: TensorInput['table']): readonly string[] | undefined {
  return table && table.names.length <= maxNamesHandedOver ? table.names : undefined;
}
