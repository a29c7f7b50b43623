import { type ArrayDtype, isFloat } from '#tensor/dtype.ts';
import { resultType } from '#tensor/result-type.ts';
import type { CarriedType } from '#tensor/carried.ts';

/** What a typed format, Arrow or Parquet, says of a column before its values come. */
export interface TableField {
  name: string;
  type: CarriedType;
  /** The type of the values, where `type` is `dictionary`. */
  values?: CarriedType;
  isNullable: boolean;
  /** Whether pandas wrote it as an index, which is no feature. */
  isIndex: boolean;
}

/** What a column holds. A dictionary of numbers counts as numbers: it is a way to store them. */
export function columnKind(field: Pick<TableField, 'type' | 'values'>): 'number' | 'boolean' | 'other' {
  const dtype = numericDtype(field);
  if (dtype === undefined) return 'other';
  return dtype === 'bool' ? 'boolean' : 'number';
}

/** The dtype that a column's numbers have; decimals are float64. Undefined where the values are no numbers. */
export function numericDtype({ type, values }: Pick<TableField, 'type' | 'values'>): ArrayDtype | undefined {
  switch (type.kind) {
    case 'bool':
      return 'bool';
    case 'int':
      return `${type.signed ? '' : 'u'}int${type.bits}`;
    case 'float':
      return `float${type.bits}`;
    case 'decimal':
      return 'float64';
    case 'dictionary':
      return values && numericDtype({ type: values });
    case 'null':
    case 'utf8':
    case 'json':
    case 'binary':
    case 'fixed_binary':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'duration':
      return undefined;
  }
}

/**
 * The dtype of one tensor of all these numeric columns: NumPy's result_type of theirs, or float64 where that has no NaN for
 * the values that may be missing.
 */
export function tensorDtype(fields: readonly TableField[]): ArrayDtype {
  const dtype = resultType(fields.flatMap((field) => numericDtype(field) ?? []));
  return !isFloat(dtype) && fields.some(({ isNullable }) => isNullable) ? 'float64' : dtype;
}
