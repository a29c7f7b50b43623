import { Problem } from '#errors.ts';
import type { ElementwiseStep, Operand, PowerStep } from '#normalizers/steps.ts';
import { arithmetic } from './arithmetic.ts';
import type { GraphBuilder, Value } from './graph.ts';
import { boxCox, boxCoxInverse, yeoJohnson, yeoJohnsonInverse } from './power.ts';
import { logarithm } from './logarithm.ts';
import { addPowerNear } from './power-near.ts';
import { fromRank, toRank } from './rank.ts';

const power = {
  'yeo-johnson': yeoJohnson,
  'yeo-johnson-inverse': yeoJohnsonInverse,
  'box-cox': boxCox,
  'box-cox-inverse': boxCoxInverse,
} as const;

/**
 * Adds a step of a formula to the graph, on float64.
 * @param sliceShape what one value per slice is shaped like, so that it broadcasts: the shape with 1 along reduced axes
 * @throws Problem not_exportable for a step that ONNX has no operators for
 */
export function addStep(graph: GraphBuilder, x: Value, step: ElementwiseStep, sliceShape: readonly number[]): Value {
  switch (step.op) {
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
      return arithmetic(graph, step.op, x, step.by, sliceShape);
    case 'yeo-johnson':
    case 'yeo-johnson-inverse':
    case 'box-cox':
    case 'box-cox-inverse':
      return addPower(graph, x, step, sliceShape);
    case 'stretch':
      return stretch(graph, x, step.low, step.high);
    case 'maximum':
    case 'minimum':
      return limitPerSlice(graph, step.op, x, step.by, sliceShape);
    case 'log':
    case 'log1p':
    case 'symlog':
    case 'asinh':
    case 'log-inverse':
    case 'log1p-inverse':
    case 'symlog-inverse':
    case 'asinh-inverse':
      return logarithm[step.op](graph, x);
    case 'fill':
      return graph.node('Where', [graph.node('IsNaN', [x]), step.with, x]);
    case 'to_rank':
      return toRank(graph, x, step, sliceShape);
    case 'from_rank':
      return fromRank(graph, x, step, sliceShape);
    case 'normal_quantile':
    case 'normal_cdf':
      throw new Problem(
        'not_exportable',
        'ONNX has no operator for the quantiles of the normal distribution, and none in float64 for its inverse. Only output_distribution "uniform" can be exported.',
      );
  }
}

/** Where a slice has a reference value, its power is relative to that. */
function addPower(graph: GraphBuilder, x: Value, step: PowerStep, sliceShape: readonly number[]): Value {
  const plain = power[step.op](graph, x, lambdasOf(step.by), typeof step.by === 'number' ? [] : sliceShape);
  if (!step.reference) return plain;
  const none = step.op.startsWith('box-cox') ? 1 : 0;
  const isPlain = Array.from(step.reference, (reference) => reference === none);
  return graph.node('Where', [graph.booleans(isPlain, sliceShape), plain, addPowerNear(graph, x, step, sliceShape)]);
}

function lambdasOf(by: Operand): Float64Array {
  return typeof by === 'number' ? Float64Array.of(by) : by;
}

/** A slice whose limit is NaN, because none was learned, is NaN. */
function limitPerSlice(
  graph: GraphBuilder,
  op: 'maximum' | 'minimum',
  x: Value,
  by: Operand,
  sliceShape: readonly number[],
): Value {
  if (typeof by === 'number') return limit(graph, op, x, by);
  const y = limit(graph, op, x, graph.doubles(by, sliceShape));
  if (!by.some(Number.isNaN)) return y;
  const lost = graph.booleans(Array.from(by, Number.isNaN), sliceShape);
  return graph.node('Where', [lost, Number.NaN, y]);
}

/** Not the operators Max, Min and Clip: what these make of NaN differs between runtimes. */
function limit(graph: GraphBuilder, op: 'maximum' | 'minimum', x: Value, by: Value | number): Value {
  return graph.node('Where', [graph.node(op === 'maximum' ? 'Less' : 'Greater', [x, by]), by, x]);
}

function clip(graph: GraphBuilder, x: Value, low: number, high: number): Value {
  return limit(graph, 'minimum', limit(graph, 'maximum', x, low), high);
}

/** low + x (high − low); what lies within [0, 1] stays within [low, high] whatever the rounding. */
function stretch(graph: GraphBuilder, x: Value, low: number, high: number): Value {
  const y = arithmetic(graph, 'add', arithmetic(graph, 'multiply', x, high - low, []), low, []);
  const inside = graph.node('And', [graph.node('GreaterOrEqual', [x, 0]), graph.node('LessOrEqual', [x, 1])]);
  return graph.node('Where', [inside, clip(graph, y, low, high), y]);
}
