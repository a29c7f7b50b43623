import * as z from 'zod';
import { Problem, problemAt } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';
import { type FloatDtype, floatDtypes } from '#tensor/dtype.ts';
import { elementCount, maxRank, formatShape } from '#tensor/shape.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { binaryOnly, type Datatype, datatypeSize, datatypes } from './datatypes.ts';

// A request of the Open Inference Protocol with the binary tensor extension.
// https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#inference
// https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
//
// Other members that clients send (`model_name`, `priority`, `content_type`, …) are ignored.
// Clients based on pydantic write members without a value as null.

/** The only input of every model. */
export const inputName = 'input';
export const outputName = 'output';

/** A datatype of the protocol, or NumPy's name for it. */
const outputDtypes = ['FP16', 'BF16', 'FP32', 'FP64', ...floatDtypes] as const;

const noBytes = 'BYTES holds no numbers: send FP32, INT64 or another datatype of numbers.';

const datatypeNames = Object.keys(datatypes) as Datatype[];

/** An input without its `data`, which are read while the JSON is parsed. */
export const InferenceInput = z.looseObject({
  name: z.string().meta({ description: 'Any name: there is only one input.' }),
  datatype: z
    .enum(datatypeNames, { error: ({ input }) => (input === 'BYTES' ? noBytes : undefined) })
    .meta({ description: 'FP16 and BF16 must be sent as bytes after the JSON.' }),
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
  name: z.literal(outputName, {
    error: ({ input }) =>
      typeof input === 'string'
        ? `There is no output ${quoteName(input)}: a model has one output, "${outputName}".`
        : undefined,
  }),
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
    })
    .nullish(),
  inputs: z.array(InferenceInput).length(1, { error: 'A model has one input.' }),
  outputs: z
    .array(InferenceOutput)
    .max(1, { error: `A model has one output, "${outputName}".` })
    .nullish()
    .meta({ description: 'The outputs to return. Default all.' }),
});

/** A checked inference request. */
export interface Inference {
  id?: string;
  operation: 'transform' | 'inverse-transform';
  /** Absent where the input's datatype decides. */
  outputDtype?: FloatDtype;
  /** Whether to return the output as bytes. */
  binaryOutput: boolean;
  /** Absent if the tensor is in the JSON. */
  binary?: BinaryTensor;
}

/** A tensor whose bytes follow the JSON. */
export interface BinaryTensor extends TensorHeader {
  datatype: Datatype;
  /** Bytes. */
  size: number;
}

/**
 * Checks a request beyond its schema.
 * @param hasData whether the input has `data` in the JSON
 * @throws Problem invalid_request if members contradict each other, invalid_data for a size or shape that does not
 *   match, not_implemented for a classification
 */
export function inferenceOf(request: z.output<typeof InferenceRequest>, hasData: boolean): Inference {
  const { id, parameters, inputs, outputs } = request;
  const asked = outputs?.[0]?.parameters;
  if (asked?.classification !== undefined)
    throw new Problem(
      'not_implemented',
      'Classification is not supported: the output of this model is an array of numbers.',
    );
  return {
    ...(id === null || id === undefined ? {} : { id }),
    operation: parameters?.operation === 'inverse_transform' ? 'inverse-transform' : 'transform',
    outputDtype: dtypeOf(parameters?.output_dtype ?? undefined),
    binaryOutput: asked?.binary_data ?? parameters?.binary_data_output ?? false,
    ...(hasBytes(inputs[0], hasData) ? { binary: binaryTensor(inputs[0]) } : {}),
  };
}

function dtypeOf(name: (typeof outputDtypes)[number] | undefined): FloatDtype | undefined {
  return name === 'FP16' || name === 'BF16' || name === 'FP32' || name === 'FP64' ? datatypes[name] : name;
}

type Input = z.output<typeof InferenceInput>;

/** Whether the tensor is sent as bytes rather than in the JSON. */
function hasBytes({ datatype, parameters }: Input, hasData: boolean): boolean {
  const given = parameters?.binary_data_size ?? undefined;
  if (hasData === (given !== undefined)) {
    const detail = 'An input needs either data, or parameters.binary_data_size and its bytes after the JSON.';
    throw problemAt('invalid_request', '/inputs/0', detail);
  }
  if (hasData && binaryOnly.includes(datatype)) {
    const detail = `${datatype} cannot be sent as JSON: send the tensor as bytes, with parameters.binary_data_size.`;
    throw problemAt('invalid_request', '/inputs/0/data', detail);
  }
  return !hasData;
}

function binaryTensor({ datatype, shape, parameters }: Input): BinaryTensor {
  const size = elementsOf(shape) * datatypeSize(datatype);
  const given = parameters?.binary_data_size;
  if (given !== size) {
    const detail = `A ${datatype} tensor of shape ${formatShape(shape)} takes ${size} bytes, but binary_data_size is ${given}.`;
    throw problemAt('invalid_data', '/inputs/0/parameters/binary_data_size', detail);
  }
  return { datatype, dtype: datatypes[datatype], shape, size };
}

/** @throws Problem for a shape with too many elements */
function elementsOf(shape: readonly number[]): number {
  try {
    return elementCount(shape);
  } catch (error) {
    throw error instanceof Problem ? problemAt(error.code, '/inputs/0/shape', error.message) : error;
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
  return { datatype, dtype: datatypes[datatype], shape: filled, size };
}
