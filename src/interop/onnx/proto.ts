import { concatBytes } from '#memory/concat.ts';
import type { Dtype } from '#tensor/dtype.ts';
import { bytes, type Fields, integer, message, text } from './protobuf.ts';

// The messages of ONNX that are written, with their field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

/** The version of the operators: of 2020 (ONNX 1.8), read by onnxruntime since 1.6 and by all its peers. */
const opset = 13;

/** The version of the file format that came with it. */
const irVersion = 7;

/** TensorProto.DataType. */
export const dataTypes: Record<Dtype, number> = {
  bool: 9,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  uint32: 12,
  int32: 6,
  uint64: 13,
  int64: 7,
  float16: 10,
  bfloat16: 16,
  float32: 1,
  float64: 11,
};

/** AttributeProto.AttributeType. */
const attributeTypes = { int: 2, ints: 7 } as const;

export type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** A tensor that stands in the model: elements little-endian, row-major. */
export interface Constant {
  dtype: Dtype;
  shape: readonly number[];
  bytes: Uint8Array;
}

export interface Graph {
  name: string;
  /** NodeProto each. */
  nodes: readonly Fields[];
  /** TensorProto each. */
  initializers: readonly Fields[];
  inputs: readonly Fields[];
  outputs: readonly Fields[];
}

export interface Model {
  graph: Graph;
  description: string;
  /** What the file tells a program about itself. */
  metadata: Readonly<Record<string, string>>;
}

export function nodeProto(op: string, inputs: readonly string[], output: string, attributes: Attributes): Fields {
  return message(
    1,
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(3, `${op}:${output}`),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
  );
}

function attributeProto(name: string, value: number | readonly number[]): Fields {
  if (typeof value === 'number') return message(5, text(1, name), integer(3, value), integer(20, attributeTypes.int));
  return message(5, text(1, name), ...value.map((one) => integer(8, one)), integer(20, attributeTypes.ints));
}

export function tensorProto(name: string, { dtype, shape, bytes: raw }: Constant): Fields {
  return message(
    5,
    ...shape.map((length) => integer(1, length)),
    integer(2, dataTypes[dtype]),
    text(8, name),
    bytes(9, raw),
  );
}

/**
 * An input (field 11) or output (field 12) of the graph.
 * @param shape a length, or a name where it is free
 */
export function valueInfoProto(
  field: 11 | 12,
  name: string,
  dtype: Dtype,
  shape: readonly (number | string)[],
): Fields {
  const dims = shape.map((length) => message(1, typeof length === 'number' ? integer(1, length) : text(2, length)));
  return message(field, text(1, name), message(2, message(1, integer(1, dataTypes[dtype]), message(2, ...dims))));
}

/** A model file: ModelProto. */
export function modelProto({ graph, description, metadata }: Model): Uint8Array<ArrayBuffer> {
  const { nodes, initializers, inputs, outputs, name } = graph;
  const fields = [
    integer(1, irVersion),
    text(2, 'norma'),
    text(6, description),
    message(7, ...nodes, text(2, name), ...initializers, ...inputs, ...outputs),
    message(8, text(1, ''), integer(2, opset)),
    ...Object.entries(metadata).map(([key, value]) => message(14, text(1, key), text(2, value))),
  ];
  return concatBytes(fields.flat());
}
