import { inverseOfLower } from '#statistics/multivariate/eigen.ts';
import type { MixingStep } from '#normalizers/steps.ts';
import { arithmetic } from './arithmetic.ts';
import type { GraphBuilder, Value } from './graph.ts';

/**
 * Adds a step that makes each value of a sample's output of all its values: a product of matrices, with the kept axes
 * flattened behind the reduced ones.
 * @param reduced which axes of x are reduced
 */
export function addMixing(graph: GraphBuilder, x: Value, step: MixingStep, reduced: readonly boolean[]): Value {
  const product = productOf(graph, matrixOf(step));
  const rank = reduced.length;
  const isInPlace = rank > 0 && reduced.every((isReduced, axis) => isReduced === axis < rank - 1);
  if (isInPlace) return product(x);
  const axes = Array.from(reduced.keys());
  const order = [...axes.filter((axis) => reduced[axis]), ...axes.filter((axis) => !reduced[axis])];
  const moved = graph.node('Transpose', [x], { perm: order });
  const y = product(graph.node('Reshape', [moved, graph.integers([-1, inputsOf(step)])]));
  const shaped = graph.node('Reshape', [y, graph.node('Shape', [moved])]);
  return graph.node('Transpose', [shaped], { perm: axes.map((axis) => order.indexOf(axis)) });
}

function inputsOf(step: MixingStep): number {
  return step.op === 'mix' ? step.inputs : step.size;
}

/**
 * Samples times a matrix. Where one value goes in or comes out there is no MatMul: onnxruntime's optimizer
 * (MatMulScaleFusion) makes a factor beside it, if it is a single one, an attribute of float32.
 */
function productOf(graph: GraphBuilder, { matrix, inputs, outputs }: Matrix): (x: Value) => Value {
  if (inputs === 1 && outputs === 1) return (x) => arithmetic(graph, 'multiply', x, matrix[0], []);
  if (inputs === 1) return (x) => graph.node('Mul', [x, graph.doubles(matrix, [outputs])]);
  if (outputs > 1) return (x) => graph.node('MatMul', [x, graph.doubles(matrix, [inputs, outputs])]);
  return (x) => {
    const products = graph.node('Mul', [x, graph.doubles(matrix, [inputs])]);
    return graph.node('ReduceSum', [products, graph.integers([-1])], { keepdims: 1 });
  };
}

/** What a sample is multiplied by, row-major. */
interface Matrix {
  matrix: Float64Array;
  inputs: number;
  outputs: number;
}

function matrixOf(step: MixingStep): Matrix {
  if (step.op === 'solve_lower') {
    const { size } = step;
    return { matrix: transposed(inverseOfLower(step.matrix, size), size, size), inputs: size, outputs: size };
  }
  const { matrix, inputs, outputs } = step;
  return { matrix: step.transposed ? transposed(matrix, outputs, inputs) : matrix, inputs, outputs };
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  return matrix.map((_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]);
}
