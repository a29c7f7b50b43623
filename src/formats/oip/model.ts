import type { Dtype } from '#tensor/dtype.ts';
import { type Datatype, datatypeOf, defaultInferenceOutput } from './datatypes.ts';
import { inputName, outputName } from './request.ts';

/** The input of a normalizer, from its document: `null` for a variable dimension. */
interface ModelInput {
  dtype: Dtype;
  shape: readonly (number | null)[];
  /** Of what it gives. */
  outputShape: readonly (number | null)[];
}

/** The platform name in metadata and configuration. */
const platform = 'norma';

/**
 * A model's metadata: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#model-metadata
 * @param versions the existing versions
 */
export function modelMetadata(name: string, versions: readonly number[], { dtype, shape, outputShape }: ModelInput) {
  const tensor = (of: string, datatype: Datatype, lengths: typeof shape) => ({
    name: of,
    datatype,
    shape: dimensionsOf(lengths),
  });
  return {
    name,
    versions: versions.map(String),
    platform,
    inputs: [tensor(inputName, datatypeOf(dtype), shape)],
    outputs: [tensor(outputName, datatypeOf(defaultInferenceOutput(dtype)), outputShape)],
  };
}

/**
 * A model's configuration, Triton's ModelConfig as JSON: https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto
 * With a `max_batch_size` of 0, `dims` has all dimensions.
 */
export function modelConfig(name: string, version: number, { dtype, shape, outputShape }: ModelInput) {
  const tensor = (of: string, datatype: Datatype, lengths: typeof shape) => ({
    name: of,
    data_type: `TYPE_${datatype}`,
    dims: dimensionsOf(lengths),
  });
  return {
    name,
    platform,
    backend: platform,
    max_batch_size: 0,
    input: [tensor(inputName, datatypeOf(dtype), shape)],
    output: [tensor(outputName, datatypeOf(defaultInferenceOutput(dtype)), outputShape)],
    version_policy: { specific: { versions: [version] } },
  };
}

function dimensionsOf(shape: readonly (number | null)[]): number[] {
  return shape.map((length) => length ?? -1);
}
