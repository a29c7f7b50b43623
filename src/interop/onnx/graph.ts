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
  /** Returns the graph with its only output. */
  finish(name: string, output: { name: string; of: Value; dtype: Dtype; shape: readonly (number | string)[] }): Graph;
}

export function buildGraph(): GraphBuilder {
  const nodes: Fields[] = [];
  const initializers: Fields[] = [];
  const inputs: Fields[] = [];
  const scalars = new Map<string, Value>();

  function constant(dtype: Dtype, shape: readonly number[], values: ArrayBufferView): Value {
    const name = `c${initializers.length}`;
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
      const output = `v${nodes.length}`;
      const names = operands.map((operand) => (typeof operand === 'number' ? scalar(operand) : operand));
      nodes.push(nodeProto(op, names, output, attributes));
      return output;
    },
    cast: (x, dtype) => builder.node('Cast', [x], { to: dataTypes[dtype] }),
    doubles: (values, shape) => constant('float64', shape, values),
    integers: (values, shape = [values.length]) => constant('int64', shape, BigInt64Array.from(values, BigInt)),
    booleans: (values, shape) => constant('bool', shape, Uint8Array.from(values, Number)),
    finish(name, { name: output, of, dtype, shape }) {
      nodes.push(nodeProto('Identity', [of], output, {}));
      return { name, nodes, initializers, inputs, outputs: [valueInfoProto(12, output, dtype, shape)] };
    },
  };
  return builder;
}
