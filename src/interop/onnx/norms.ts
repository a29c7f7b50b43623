import type { SliceNorm } from '#normalizers/steps.ts';
import type { GraphBuilder, Value } from './graph.ts';

/**
 * Adds the vector norm of every slice of x at hand, (Σ|x|^p)^(1/p), with 1 along the reduced axes. Magnitudes are
 * divided by the one that decides the sum first, so that powers neither overflow nor underflow; a norm of 0 is 1.
 * @param axes the reduced axes; without any, every element is a slice
 * @param keepsNan whether NaN is disregarded; otherwise it makes its slice's norm NaN
 */
function addNorm(graph: GraphBuilder, x: Value, by: SliceNorm, axes: readonly number[], keepsNan: boolean): Value {
  const nan = graph.node('IsNaN', [x]);
  const all = graph.node('Abs', [x]);
  // What counts for nothing: no magnitude where the largest decide, an infinite one where the smallest do.
  const p = by.norm === 'rms' ? 2 : by.norm;
  const magnitudes = graph.node('Where', [nan, p >= 0 ? 0 : Number.POSITIVE_INFINITY, all]);
  const norm = plainNorm(graph, magnitudes, p, axes);
  const plain = by.norm === 'rms' ? rootMeanSquare(graph, norm, nan, axes) : norm;
  const lost = graph.node('Where', [nan, Number.NaN, 0]);
  const norms = keepsNan ? plain : graph.node('Add', [plain, reduceSum(graph, lost, axes)]);
  return whereZeroOne(graph, by.norm === 'rms' ? withAdded(graph, norms, by.added) : atLeast(graph, norms, by.atLeast));
}

function atLeast(graph: GraphBuilder, norms: Value, least: number): Value {
  return graph.node('Where', [graph.node('Less', [norms, least]), least, norms]);
}

/** √(norm² + added) */
function withAdded(graph: GraphBuilder, norms: Value, added: number): Value {
  if (added === 0) return norms;
  return graph.node('Sqrt', [graph.node('Add', [graph.node('Mul', [norms, norms]), added])]);
}

/** ‖x‖ / √n, where NaN does not count. */
function rootMeanSquare(graph: GraphBuilder, norm: Value, nan: Value, axes: readonly number[]): Value {
  const count = reduceSum(graph, graph.node('Where', [nan, 0, 1]), axes);
  return graph.node('Div', [norm, graph.node('Sqrt', [atLeast(graph, count, 1)])]);
}

const smallestNormal = 2 ** -1022;

/**
 * Divides x by the norm of its slice; the rest as in `addNorm`. A norm that a double does not hold is a quotient of two
 * divisions: by the magnitude that decides it, and by the norm of what that leaves.
 */
export function divideByNorm(
  graph: GraphBuilder,
  x: Value,
  by: SliceNorm,
  axes: readonly number[],
  keepsNan: boolean,
): Value {
  const norms = addNorm(graph, x, by, axes, keepsNan);
  const plain = graph.node('Div', [x, norms]);
  const isMean = by.norm === 'rms';
  const p = isMean ? 2 : by.norm;
  if (p === 0 || Math.abs(p) === Number.POSITIVE_INFINITY) return plain;
  const magnitudes = graph.node('Where', [
    graph.node('IsNaN', [x]),
    p > 0 ? 0 : Number.POSITIVE_INFINITY,
    graph.node('Abs', [x]),
  ]);
  const unit = whereZeroOne(graph, reduce(graph, p > 0 ? 'ReduceMax' : 'ReduceMin', magnitudes, axes));
  const inUnit = graph.node('Div', [x, unit]);
  const bare: SliceNorm = isMean ? { norm: 'rms', added: 0 } : { norm: p, atLeast: 0 };
  const quotient = graph.node('Div', [inUnit, addNorm(graph, inUnit, bare, axes, keepsNan)]);
  const isFlushed = graph.node('Less', [norms, smallestNormal]);
  const isOwn = graph.node('Greater', [norms, isMean ? 0 : by.atLeast]);
  const isInfinite = graph.node('Equal', [norms, Number.POSITIVE_INFINITY]);
  return graph.node('Where', [graph.node('And', [graph.node('Or', [isFlushed, isInfinite]), isOwn]), quotient, plain]);
}

function plainNorm(graph: GraphBuilder, magnitudes: Value, p: number, axes: readonly number[]): Value {
  if (p === 0) {
    const isZero = graph.node('Equal', [magnitudes, 0]);
    return reduceSum(graph, graph.node('Where', [isZero, 0, 1]), axes);
  }
  const deciding = reduce(graph, p > 0 ? 'ReduceMax' : 'ReduceMin', magnitudes, axes);
  if (Math.abs(p) === Number.POSITIVE_INFINITY) return deciding;
  const unit = whereZeroOne(graph, deciding);
  const shares = graph.node('Div', [magnitudes, unit]);
  const sum = reduceSum(graph, graph.node('Pow', [shares, p]), axes);
  return graph.node('Mul', [graph.node('Pow', [sum, 1 / p]), unit]);
}

function whereZeroOne(graph: GraphBuilder, scale: Value): Value {
  return graph.node('Where', [graph.node('Equal', [scale, 0]), 1, scale]);
}

function reduce(graph: GraphBuilder, op: 'ReduceMax' | 'ReduceMin', x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : graph.node(op, [x], { axes, keepdims: 1 });
}

function reduceSum(graph: GraphBuilder, x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : graph.node('ReduceSum', [x, graph.integers(axes)], { keepdims: 1 });
}
