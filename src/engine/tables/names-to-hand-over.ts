import type { TensorInput } from '#formats/tensor-input.ts';

/** Maximum number of columns whose names go to the workers, for their error messages. */
const maxNamesHandedOver = 1000;

/** The names of a table's columns, where they are few enough to go with every task. */
export function namesToHandOver(table: TensorInput['table']): readonly string[] | undefined {
  return table && table.names.length <= maxNamesHandedOver ? table.names : undefined;
}
