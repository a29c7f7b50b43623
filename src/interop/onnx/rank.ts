import type { ElementwiseStep } from '#normalizers/steps.ts';
import type { GraphBuilder, Value } from './graph.ts';

/** Ascending values of every slice in one flat table, each slice's filled up with NaN to 2^depth − 1 of them. */
interface Table {
  values: Value;
  /** Where a slice begins. */
  begin: Value;
  /** How many of its values count. */
  count: number;
  depth: number;
}

/** Adds `to_rank`: the mean of the ascending and the descending interpolation between the landmarks of the own slice. */
export function toRank(
  graph: GraphBuilder,
  x: Value,
  step: ElementwiseStep & { op: 'to_rank' },
  shape: readonly number[],
): Value {
  const { quantiles, references } = step;
  const count = references.length;
  const slices = quantiles.length / count;
  const least = graph.doubles(quantiles.slice(0, slices), shape);
  const most = graph.doubles(quantiles.slice(-slices), shape);
  const within = count === 1 ? Number.NaN : rankWithin(graph, x, step, shape);
  const fromAbove = graph.node('Where', [graph.node('GreaterOrEqual', [x, most]), references[count - 1], within]);
  return graph.node('Where', [graph.node('LessOrEqual', [x, least]), references[0], fromAbove]);
}

/** The rank of a value between the first and the last landmark. */
function rankWithin(
  graph: GraphBuilder,
  x: Value,
  { quantiles, references }: ElementwiseStep & { op: 'to_rank' },
  shape: readonly number[],
): Value {
  const count = references.length;
  const table = placeTable(graph, quantiles, count, shape);
  const ranks = placeTable(graph, references, count, []);
  const below = search(graph, table, x, 'Less');
  const upTo = search(graph, table, x, 'LessOrEqual');
  const after = between(graph, below, 1, count - 1);
  const before = graph.node('Sub', [after, graph.integers([1], [])]);
  const at = (index: Value) => valueAt(graph, table, index);
  const rank = (index: Value) => valueAt(graph, ranks, index);
  const interpolated = interpolate(graph, x, [at(before), at(after)], [rank(before), rank(after)]);
  // Equal landmarks: the middle of their ranks.
  const last = graph.node('Sub', [between(graph, upTo, 1, count), graph.integers([1], [])]);
  const first = between(graph, below, 0, count - 1);
  const middle = graph.node('Div', [graph.node('Add', [rank(last), rank(first)]), 2]);
  return graph.node('Where', [graph.node('Greater', [upTo, below]), middle, interpolated]);
}

/** Adds `from_rank`: ranks within `margin` of 0 or 1 become the first or last landmark, others what lies between two. */
export function fromRank(
  graph: GraphBuilder,
  rank: Value,
  step: ElementwiseStep & { op: 'from_rank' },
  shape: readonly number[],
): Value {
  const { quantiles, references, margin } = step;
  const count = references.length;
  const slices = quantiles.length / count;
  const first = graph.doubles(quantiles.slice(0, slices), shape);
  if (count === 1) return graph.node('Where', [graph.node('IsNaN', [rank]), rank, first]);
  const table = placeTable(graph, quantiles, count, shape);
  const ranks = placeTable(graph, references, count, []);
  const above = search(graph, ranks, rank, 'LessOrEqual');
  const after = between(graph, above, 1, count - 1);
  const before = graph.node('Sub', [after, graph.integers([1], [])]);
  const at = (index: Value) => valueAt(graph, table, index);
  const known = (index: Value) => valueAt(graph, ranks, index);
  const within = interpolate(graph, rank, [known(before), known(after)], [at(before), at(after)]);
  const last = graph.doubles(quantiles.slice(-slices), shape);
  const high = graph.node('Or', [
    graph.node('GreaterOrEqual', [rank, 1 - margin]),
    graph.node('GreaterOrEqual', [rank, references[count - 1]]),
  ]);
  const fromAbove = graph.node('Where', [high, last, within]);
  return graph.node('Where', [graph.node('LessOrEqual', [rank, margin]), first, fromAbove]);
}

/** @param rows one row per landmark, one value per slice */
function placeTable(graph: GraphBuilder, rows: Float64Array, count: number, shape: readonly number[]): Table {
  const slices = rows.length / count;
  const depth = Math.ceil(Math.log2(count + 1));
  const width = 2 ** depth - 1;
  const values = new Float64Array(slices * width).fill(Number.NaN);
  for (let row = 0; row < count; row++) {
    for (let slice = 0; slice < slices; slice++) values[slice * width + row] = rows[row * slices + slice];
  }
  const begins = Array.from({ length: slices }, (_, slice) => slice * width);
  return { values: graph.doubles(values, [values.length]), begin: graph.integers(begins, shape), count, depth };
}

function valueAt(graph: GraphBuilder, { values, begin }: Table, index: Value): Value {
  return graph.node('Gather', [values, graph.node('Add', [index, begin])], { axis: 0 });
}

/** How many values of the own slice are below x (`Less`), or up to and including it: a binary search, unrolled. */
function search(graph: GraphBuilder, table: Table, x: Value, compare: 'Less' | 'LessOrEqual'): Value {
  let found = graph.integers([0], []);
  for (let step = 2 ** (table.depth - 1); step >= 1; step /= 2) {
    const next = graph.node('Add', [found, graph.integers([step], [])]);
    const value = valueAt(graph, table, graph.node('Sub', [next, graph.integers([1], [])]));
    found = graph.node('Where', [graph.node(compare, [value, x]), next, found]);
  }
  return found;
}

/** An index held within [low, high]. */
function between(graph: GraphBuilder, index: Value, low: number, high: number): Value {
  const atLeast = graph.node('Max', [index, graph.integers([low], [])]);
  return graph.node('Min', [atLeast, graph.integers([Math.max(low, high)], [])]);
}

/** from + (to − from) (x − a) / (b − a), on halves where a difference is beyond the largest double. */
function interpolate(graph: GraphBuilder, x: Value, [a, b]: Value[], [from, to]: Value[]): Value {
  const half = (value: Value) => graph.node('Mul', [value, 0.5]);
  const distance = (end: Value, start: Value) => graph.node('Sub', [half(end), half(start)]);
  const share = graph.node('Div', [distance(x, a), distance(b, a)]);
  const rest = graph.node('Sub', [1, share]);
  return graph.node('Add', [graph.node('Mul', [rest, from]), graph.node('Mul', [share, to])]);
}
