import type { Operand } from '#normalizers/steps.ts';
import type { GraphBuilder, Value } from './graph.ts';

const operators = { add: 'Add', subtract: 'Sub', multiply: 'Mul', divide: 'Div' } as const;

/**
 * Adds x op operand, with one operand for all or one per slice.
 *
 * Where there is a single operand, onnxruntime's optimizer (NoopElimination) drops a product or quotient when float32
 * cannot tell it from 1, and a sum or difference when it cannot tell it from 0, though all is float64. Such an operand is
 * given in two factors, or to the operator Sum, which is left alone.
 */
export function arithmetic(
  graph: GraphBuilder,
  op: keyof typeof operators,
  x: Value,
  by: Operand,
  sliceShape: readonly number[],
): Value {
  const [values, shape] = typeof by === 'number' ? [Float64Array.of(by), []] : [by, sliceShape];
  const constant = (change: (value: number) => number) => graph.doubles(values.map(change), shape);
  const [only] = values.length === 1 ? values : [];
  if ((op === 'multiply' || op === 'divide') && only !== 1 && only !== undefined && Math.fround(only) === 1) {
    const half = graph.node(operators[op], [x, constant((value) => (op === 'multiply' ? value / 2 : value * 2))]);
    return graph.node('Mul', [half, 2]);
  }
  if ((op === 'add' || op === 'subtract') && only !== 0 && only !== undefined && Math.fround(only) === 0) {
    return graph.node('Sum', [x, constant((value) => (op === 'add' ? value : -value))]);
  }
  return graph.node(operators[op], [x, constant((value) => value)]);
}
