import { type Datatype, datatypeOf, datatypes, defaultInferenceOutput, textDatatype } from '../datatypes.ts';
import { Problem } from '#errors.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import type { ArrayFloat, FloatDtype } from '#tensor/dtype.ts';
import { dtypeOfColumn, type InputColumn } from './input-column.ts';

/** A column that is answered. */
export interface OutputColumn extends AnswerColumn {
  datatype: Datatype | typeof textDatatype;
  isBinary: boolean;
  /** Whether its shape is [n, 1], as that of its input, and not [n]. */
  isDeep: boolean;
  contentType?: string;
}

/** What an inference says of its outputs. */
export interface Wanted {
  outputDtype?: FloatDtype;
  /** Whether an output is returned as bytes. */
  isBinary(name: string): boolean;
}

/**
 * The columns of an answer: what passes through keeps its datatype, and what is computed has the one that is asked for, or by
 * default that of its own input.
 * @throws Problem invalid_request for 16-bit floats in JSON, which the protocol has only as bytes
 */
export function outputColumns(
  answer: readonly AnswerColumn[],
  inputs: readonly InputColumn[],
  { outputDtype, isBinary }: Wanted,
): OutputColumn[] {
  const byName = new Map(inputs.map((input) => [input.name, input]));
  return answer.map((column) => {
    const input = byName.get(column.name);
    const isBytes = isBinary(column.name);
    const isDeep = input?.isDeep ?? inputs[0].isDeep;
    const shared = { ...column, isBinary: isBytes, isDeep };
    if (column.from === 'carried' && input) {
      const { datatype, contentType } = input;
      return { ...shared, datatype: isBytes ? datatype : inJson(datatype), contentType };
    }
    if (outputDtype && !isBytes && inJson(datatypeOf(outputDtype)) !== datatypeOf(outputDtype)) {
      const detail = `${datatypeOf(outputDtype)} cannot be returned as JSON: ask for binary output with parameters.binary_data_output.`;
      throw new Problem('invalid_request', detail);
    }
    const own = (input && dtypeOfColumn(input)) ?? 'float64';
    const datatype = datatypeOf(outputDtype ?? defaultInferenceOutput(own, isBytes));
    return { ...shared, datatype: isBytes ? datatype : inJson(datatype) };
  });
}

/** The datatype of a column in JSON, which has no 16-bit floats: all their values are FP32's, too. */
function inJson<Name extends OutputColumn['datatype']>(datatype: Name): Name | 'FP32' {
  return datatype === 'FP16' || datatype === 'BF16' ? 'FP32' : datatype;
}

/** The dtype in which all computed columns are given, each to be rounded to its own once. */
export function computedDtype(columns: readonly OutputColumn[]): ArrayFloat {
  const found = new Set(columns.flatMap(({ from, datatype }) => (from === 'numbers' ? [datatype] : [])));
  const [only] = found;
  if (found.size !== 1 || only === textDatatype) return 'float64';
  const dtype = datatypes[only];
  return dtype === 'float16' || dtype === 'float32' ? dtype : 'float64';
}
