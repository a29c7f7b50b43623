import * as z from 'zod';
import { Problem, problemAt } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';
import { type FloatDtype, floatDtypes } from '#tensor/dtype.ts';
import { elementCount, maxRank, formatShape } from '#tensor/shape.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { binaryOnly, type Datatype, datatypeSize, datatypes, textDatatype } from './datatypes.ts';

// A request of the Open Inference Protocol with the binary tensor extension.
// https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#inference
// https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
//
// Other members that clients send (`model_name`, `priority`, `content_type`, …) are ignored.
// Clients based on pydantic write members without a value as null.

/** The input and the output of a model that was not fitted on a table; of one that was, all columns of numbers in one. */
export const inputName = 'input';
export const outputName = 'output';

/** A datatype of the protocol, or NumPy's name for it. */
const outputDtypes = ['FP16', 'BF16', 'FP32', 'FP64', ...floatDtypes] as const;

const noBytes = 'BYTES holds no numbers: send FP32, INT64 or another datatype of numbers.';

const datatypeNames = Object.keys(datatypes) as Datatype[];

/** An input without its `data`, which are read while the JSON is parsed. */
export const InferenceInput = z.looseObject({
  name: z.string().meta({ description: 'A column of the table that was fitted; any name where there is one input.' }),
  datatype: z.enum([...datatypeNames, textDatatype]).meta({
    description: 'FP16 and BF16 must be sent as bytes after the JSON. BYTES is for columns that pass through.',
  }),
  shape: z.array(z.int().min(0)).max(maxRank),
  parameters: z
    .looseObject({
      binary_data_size: z
        .int()
        .min(0)
        .nullish()
        .meta({ description: 'Size in bytes of the tensor that follows the JSON.' }),
    })
    .nullish(),
});

const InferenceOutput = z.looseObject({
  name: z.string(),
  parameters: z
    .looseObject({
      binary_data: z.boolean().nullish().meta({ description: 'Overrides binary_data_output.' }),
      classification: z.unknown().optional().meta({ description: 'Not served.' }),
    })
    .nullish(),
});

export const InferenceRequest = z.looseObject({
  id: z.string().nullish().meta({ description: 'Returned in the response.' }),
  parameters: z
    .looseObject({
      operation: z
        .enum(['transform', 'inverse_transform'])
        .nullish()
        .meta({ description: 'What to do with the input. Default transform.' }),
      output_dtype: z
        .enum(outputDtypes)
        .nullish()
        .meta({ description: 'The datatype of the output. By default floats keep theirs, and integers give FP32.' }),
      binary_data_output: z
        .boolean()
        .nullish()
        .meta({ description: 'Whether to return the output as bytes after the JSON.' }),
      missing_columns: z
        .enum(['error', 'ignore'])
        .nullish()
        .meta({ description: 'What to do where columns are missing.' }),
      extra_columns: z
        .enum(['pass', 'drop', 'error'])
        .nullish()
        .meta({ description: 'What to do with columns that were not fitted.' }),
    })
    .nullish(),
  inputs: z
    .array(InferenceInput)
    .min(1, { error: 'A request has at least one input.' })
    .meta({ description: 'One tensor, or the columns of a table.' }),
  outputs: z.array(InferenceOutput).nullish().meta({ description: 'The outputs to return. Default all.' }),
});

export type InferenceBody = z.output<typeof InferenceRequest>;

export type Input = InferenceBody['inputs'][number];

/** What an inference asks for beside its data. */
export interface Inference {
  id?: string;
  operation: 'transform' | 'inverse-transform';
  /** Absent where the input's datatype decides. */
  outputDtype?: FloatDtype;
  /** Whether outputs are returned as bytes, unless one of them says otherwise. */
  binaryOutput: boolean;
}

/** A tensor whose bytes follow the JSON. */
export interface BinaryTensor extends TensorHeader {
  /** Bytes. */
  size: number;
}

/** @throws Problem not_implemented for a classification */
export function inferenceOf({ id, parameters, outputs }: InferenceBody): Inference {
  if (outputs?.some((output) => output.parameters?.classification !== undefined)) {
    const detail = 'Classification is not supported: the output of this model is an array of numbers.';
    throw new Problem('not_implemented', detail);
  }
  return {
    id: id ?? undefined,
    operation: parameters?.operation === 'inverse_transform' ? 'inverse-transform' : 'transform',
    outputDtype: dtypeOf(parameters?.output_dtype ?? undefined),
    binaryOutput: parameters?.binary_data_output ?? false,
  };
}

function dtypeOf(name: (typeof outputDtypes)[number] | undefined): FloatDtype | undefined {
  return name === 'FP16' || name === 'BF16' || name === 'FP32' || name === 'FP64' ? datatypes[name] : name;
}

/**
 * The only input of a model that was not fitted on a table, or of all columns in one.
 * @throws Problem invalid_request where there is another number of inputs or outputs
 */
export function onlyInput({ inputs, outputs }: InferenceBody): { input: Input; binaryOutput?: boolean } {
  const [input] = inputs;
  if (inputs.length > 1) throw problemAt('invalid_request', '/inputs', 'A model has one input.');
  if (input.datatype === textDatatype) throw problemAt('invalid_request', '/inputs/0/datatype', noBytes);
  const [output] = outputs ?? [];
  if (outputs && outputs.length > 1) {
    throw problemAt('invalid_request', '/outputs', `A model has one output, "${outputName}".`);
  }
  if (output && output.name !== outputName) {
    const detail = `There is no output ${quoteName(output.name)}: a model has one output, "${outputName}".`;
    throw problemAt('invalid_request', '/outputs/0/name', detail);
  }
  return { input, binaryOutput: output?.parameters?.binary_data ?? undefined };
}

/**
 * How many bytes of an input follow the JSON; undefined where its data are in there.
 * @param hasData whether the input has `data` in the JSON
 * @throws Problem invalid_request where it has both, neither, or what JSON cannot hold
 */
export function bytesAfter({ datatype, parameters }: Input, hasData: boolean, pointer: string): number | undefined {
  const given = parameters?.binary_data_size ?? undefined;
  if (hasData === (given !== undefined)) {
    const detail = 'An input needs either data, or parameters.binary_data_size and its bytes after the JSON.';
    throw problemAt('invalid_request', pointer, detail);
  }
  if (hasData && datatype !== textDatatype && binaryOnly.includes(datatype)) {
    const detail = `${datatype} cannot be sent as JSON: send the tensor as bytes, with parameters.binary_data_size.`;
    throw problemAt('invalid_request', `${pointer}/data`, detail);
  }
  return given;
}

/** @throws Problem invalid_data for a size that does not match the shape */
export function binaryTensor(
  datatype: Datatype,
  shape: readonly number[],
  given: number,
  pointer: string,
): BinaryTensor {
  const size = elementsOf(shape, pointer) * datatypeSize(datatype);
  if (given !== size) {
    const detail = `A ${datatype} tensor of shape ${formatShape(shape)} takes ${size} bytes, but binary_data_size is ${given}.`;
    throw problemAt('invalid_data', `${pointer}/parameters/binary_data_size`, detail);
  }
  return { dtype: datatypes[datatype], shape: [...shape], size };
}

/** @throws Problem for a shape with too many elements */
function elementsOf(shape: readonly number[], pointer: string): number {
  try {
    return elementCount(shape);
  } catch (error) {
    throw error instanceof Problem ? problemAt(error.code, `${pointer}/shape`, error.message) : error;
  }
}

/**
 * The tensor of a raw body, without JSON: the length determines the one variable dimension.
 * @param shape the model's shape, `null` for a variable dimension
 * @throws Problem invalid_request if more than one dimension varies, invalid_data for a length that does not match
 */
export function rawTensor(datatype: Datatype, shape: readonly (number | null)[], size: number): BinaryTensor {
  const varying = shape.filter((length) => length === null).length;
  if (varying > 1) {
    throw new Problem(
      'invalid_request',
      `The bytes alone do not determine the shape of this model's input, ${formatShape(shape)}: send a JSON header before them.`,
    );
  }
  const rest = elementCount(shape.map((length) => length ?? 1)) * datatypeSize(datatype);
  const length = rest === 0 ? 0 : size / rest;
  const filled = shape.map((fixed) => fixed ?? length);
  if (!Number.isInteger(length) || elementCount(filled) * datatypeSize(datatype) !== size) {
    throw new Problem(
      'invalid_data',
      `${size} bytes do not make a ${datatype} tensor of shape ${formatShape(shape)}, which takes ${rest} bytes ${varying > 0 ? 'per index of the varying dimension' : 'in all'}.`,
    );
  }
  return { dtype: datatypes[datatype], shape: filled, size };
}
