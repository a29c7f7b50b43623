import type { Dtype } from '#tensor/dtype.ts';
import type { Fields } from './protobuf.ts';
import { type Attributes, dataTypes, type Graph, nodeProto, tensorProto, valueInfoProto } from './proto.ts';

/** The name of the output of a node or constant. */
export type Value = string;

/** An operand: the output of a node, or a float64 scalar. */
type Input = Value | number;

/** Builds a graph. */
export interface GraphBuilder {
  input(name: string, dtype: Dtype, shape: readonly (number | string)[]): Value;
  /** Adds an ONNX operator and returns its output: https://onnx.ai/onnx/operators/ */
  node(op: string, inputs: readonly Input[], attributes?: Attributes): Value;
  cast(x: Value, dtype: Dtype): Value;
  doubles(values: Float64Array, shape: readonly number[]): Value;
  integers(values: readonly number[], shape?: readonly number[]): Value;
  booleans(values: readonly boolean[], shape: readonly number[]): Value;
  finish(name: string, outputs: readonly Output[]): Graph;
}

/** An output of a graph, and the value that it is. */
export interface Output {
  name: string;
  of: Value;
  dtype: Dtype;
  shape: readonly (number | string)[];
}

/** @param names those of its inputs and outputs; none of its own values has one of them */
export function buildGraph(names: readonly string[] = []): GraphBuilder {
  let own = 'norma/';
  while (names.some((name) => name.startsWith(own))) own += '/';
  const nodes: Fields[] = [];
  const initializers: Fields[] = [];
  const inputs: Fields[] = [];
  const scalars = new Map<string, Value>();

  function constant(dtype: Dtype, shape: readonly number[], values: ArrayBufferView): Value {
    const name = `${own}c${initializers.length}`;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    initializers.push(tensorProto(name, { dtype, shape, bytes }));
    return name;
  }

  /** Equal numbers share one constant. */
  function scalar(value: number): Value {
    const key = Object.is(value, -0) ? '-0' : String(value);
    const name = scalars.get(key) ?? constant('float64', [], Float64Array.of(value));
    scalars.set(key, name);
    return name;
  }

  const builder: GraphBuilder = {
    input(name, dtype, shape) {
      inputs.push(valueInfoProto(11, name, dtype, shape));
      return name;
    },
    node(op, operands, attributes = {}) {
      const output = `${own}v${nodes.length}`;
      const names = operands.map((operand) => (typeof operand === 'number' ? scalar(operand) : operand));
      nodes.push(nodeProto(op, names, output, attributes));
      return output;
    },
    cast: (x, dtype) => builder.node('Cast', [x], { to: dataTypes[dtype] }),
    doubles: (values, shape) => constant('float64', shape, values),
    integers: (values, shape = [values.length]) => constant('int64', shape, BigInt64Array.from(values, BigInt)),
    booleans: (values, shape) => constant('bool', shape, Uint8Array.from(values, Number)),
    finish(name, outputs) {
      for (const output of outputs) nodes.push(nodeProto('Identity', [output.of], output.name, {}));
      const described = outputs.map((output) => valueInfoProto(12, output.name, output.dtype, output.shape));
      return { name, nodes, initializers, inputs, outputs: described };
    },
  };
  return builder;
}
