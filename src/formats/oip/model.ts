import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { groupingsOf } from '#normalizers/composition/groups.ts';
import { selectedColumns } from '#normalizers/narrow-fitted.ts';
import { outputNames, transformedShape } from '#normalizers/composition/output-columns.ts';
import { type Datatype, datatypeOf, defaultInferenceOutput, textDatatype } from './datatypes.ts';
import { inputName, outputName } from './request.ts';

/** A tensor that a model takes or gives; `null` for a variable dimension. */
interface ModelTensor {
  name: string;
  datatype: Datatype | typeof textDatatype;
  shape: readonly (number | null)[];
  /** Whether a request may leave it out. */
  isOptional: boolean;
}

/** What a model takes and gives. */
interface ModelSides {
  inputs: ModelTensor[];
  outputs: ModelTensor[];
}

/** The platform name in metadata and configuration. */
const platform = 'norma';

/** One input and one output, or one of each for every column where a table was fitted. */
export function modelSides(fitted: Pick<Fitted, 'normalizer' | 'input'>): ModelSides {
  const { normalizer, input } = fitted;
  const { dtype, shape, columns, passedThrough = [] } = input;
  const [taken, given] = [datatypeOf(dtype), datatypeOf(defaultInferenceOutput(dtype))];
  if (!columns) {
    return {
      inputs: [{ name: inputName, datatype: taken, shape, isOptional: false }],
      outputs: [{ name: outputName, datatype: given, shape: transformedShape(fitted), isOptional: false }],
    };
  }
  const groupedBy = new Set(groupingsOf(normalizer).map(({ by }) => by));
  const carried = passedThrough
    .filter((name) => !unnamedIndex.test(name))
    .map((name): ModelTensor => {
      return { name, datatype: textDatatype, shape: columnShape, isOptional: !groupedBy.has(name) };
    });
  const selected = selectedColumns(normalizer);
  const needed = selected && new Set(selected);
  const names = outputNames({ operation: 'transform', fitted }, columns);
  return {
    inputs: [
      ...columns.map((name, at): ModelTensor => {
        return { name, datatype: taken, shape: columnShape, isOptional: needed !== undefined && !needed.has(at) };
      }),
      ...carried,
    ],
    outputs: [
      ...names.map((name): ModelTensor => {
        const isUntouched = needed !== undefined && columns.includes(name) && !needed.has(columns.indexOf(name));
        return { name, datatype: isUntouched ? taken : given, shape: columnShape, isOptional: false };
      }),
      ...carried,
    ],
  };
}

/** What pandas calls an index that has no name: whoever serves a model has none. */
const unnamedIndex = /^(__index_level_\d+__)?$/;

/** As MLServer's pandas codec has columns. */
const columnShape = [null, 1];

/**
 * A model's metadata: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#model-metadata
 * @param versions the existing versions
 */
export function modelMetadata(name: string, versions: readonly number[], { inputs, outputs }: ModelSides) {
  const toJson = ({ name: of, datatype, shape }: ModelTensor) => ({ name: of, datatype, shape: dimensionsOf(shape) });
  return {
    name,
    versions: versions.map(String),
    platform,
    inputs: inputs.map(toJson),
    outputs: outputs.map(toJson),
  };
}

/**
 * A model's configuration, Triton's ModelConfig as JSON: https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto
 * With a `max_batch_size` of 0, `dims` has all dimensions.
 */
export function modelConfig(name: string, version: number, { inputs, outputs }: ModelSides) {
  const toJson = ({ name: of, datatype, shape }: ModelTensor) => ({
    name: of,
    data_type: datatype === textDatatype ? 'TYPE_STRING' : `TYPE_${datatype}`,
    dims: dimensionsOf(shape),
  });
  return {
    name,
    platform,
    backend: platform,
    max_batch_size: 0,
    input: inputs.map((tensor) => (tensor.isOptional ? { ...toJson(tensor), optional: true } : toJson(tensor))),
    output: outputs.map(toJson),
    version_policy: { specific: { versions: [version] } },
  };
}

function dimensionsOf(shape: readonly (number | null)[]): number[] {
  return shape.map((length) => length ?? -1);
}
