import type { GraphBuilder, Value } from './graph.ts';

/** Below this, e^z − 1 and log(1 + z) are z to the last digit. */
const linear = 1e-20;

/** Adds a power transform with one λ per slice, or one for all when `shape` is empty; NaN stays. */
type PowerTransform = (graph: GraphBuilder, x: Value, lambdas: Float64Array, shape: readonly number[]) => Value;

/** ((1 + x)^λ − 1) / λ for x ≥ 0, and its mirror image with 2 − λ below (Yeo and Johnson, Biometrika 87, 2000). */
export const yeoJohnson: PowerTransform = (graph, x, lambdas, shape) =>
  mirrored(graph, x, lambdas, shape, (rate, magnitude) => grow(graph, rate, log1p(graph, magnitude)));

export const yeoJohnsonInverse: PowerTransform = (graph, y, lambdas, shape) =>
  mirrored(graph, y, lambdas, shape, (rate, magnitude) => expm1(graph, shrink(graph, rate, magnitude)));

/** (x^λ − 1) / λ (Box and Cox, JRSS B 26, 1964); what is not positive becomes NaN. */
export const boxCox: PowerTransform = (graph, x, lambdas, shape) => {
  const positive = graph.node('Where', [graph.node('Greater', [x, 0]), x, Number.NaN]);
  const y = grow(graph, rateBeside(graph, positive, lambdas, shape), graph.node('Log', [positive]));
  return whereOne(graph, lambdas, shape, graph.node('Sub', [positive, 1]), y);
};

export const boxCoxInverse: PowerTransform = (graph, y, lambdas, shape) => {
  const x = graph.node('Exp', [shrink(graph, rateBeside(graph, y, lambdas, shape), y)]);
  const inside = graph.node('Where', [graph.node('Greater', [y, -1]), graph.node('Add', [y, 1]), x]);
  return whereOne(graph, lambdas, shape, inside, x);
};

/** λ for every value. Not a constant: an optimizer takes a single one for 1 that float32 cannot tell from it. */
export function rateBeside(graph: GraphBuilder, x: Value, lambdas: Float64Array, shape: readonly number[]): Value {
  return graph.node('Where', [graph.node('IsNaN', [x]), Number.NaN, graph.doubles(lambdas, shape)]);
}

/** Computes on magnitudes, with the rate λ for positive values and 2 − λ for negative ones, and puts the sign back. */
function mirrored(
  graph: GraphBuilder,
  x: Value,
  lambdas: Float64Array,
  shape: readonly number[],
  compute: (rate: Value, magnitude: Value) => Value,
): Value {
  const negative = graph.node('Less', [x, 0]);
  const below = graph.doubles(
    lambdas.map((lambda) => 2 - lambda),
    shape,
  );
  const rate = graph.node('Where', [negative, below, graph.doubles(lambdas, shape)]);
  const y = compute(rate, graph.node('Abs', [x]));
  const signed = graph.node('Where', [negative, graph.node('Neg', [y]), y]);
  return whereOne(graph, lambdas, shape, x, signed);
}

/** λ = 1 does no more than a shift, and must lose nothing by logarithms. */
function whereOne(
  graph: GraphBuilder,
  lambdas: Float64Array,
  shape: readonly number[],
  shifted: Value,
  otherwise: Value,
): Value {
  if (!lambdas.includes(1)) return otherwise;
  const isOne = graph.booleans(
    Array.from(lambdas, (lambda) => lambda === 1),
    shape,
  );
  return graph.node('Where', [isOne, shifted, otherwise]);
}

/** (e^(rate x) − 1) / rate; its limit x where the rate is 0. */
export function grow(graph: GraphBuilder, rate: Value, x: Value): Value {
  const product = graph.node('Mul', [rate, x]);
  const y = graph.node('Div', [expm1(graph, product), rate]);
  return graph.node('Where', [isLinear(graph, rate, product), x, y]);
}

/** log(1 + rate y) / rate: the inverse of `grow`, NaN beyond its range. */
export function shrink(graph: GraphBuilder, rate: Value, y: Value): Value {
  const product = graph.node('Mul', [rate, y]);
  const x = graph.node('Div', [log1p(graph, product), rate]);
  return graph.node('Where', [isLinear(graph, rate, product), y, x]);
}

function isLinear(graph: GraphBuilder, rate: Value, product: Value): Value {
  const slow = graph.node('Less', [graph.node('Abs', [product]), linear]);
  return graph.node('Or', [slow, graph.node('Equal', [rate, 0])]);
}

/** e^z − 1 without cancellation, by Kahan's correction of u − 1, u = e^z, for |z| ≤ 1: (u − 1) z / log u. */
export function expm1(graph: GraphBuilder, z: Value): Value {
  const u = graph.node('Exp', [z]);
  const plain = graph.node('Sub', [u, 1]);
  const corrected = graph.node('Div', [graph.node('Mul', [plain, z]), graph.node('Log', [u])]);
  const near = graph.node('Where', [graph.node('Equal', [u, 1]), z, corrected]);
  return graph.node('Where', [graph.node('Greater', [graph.node('Abs', [z]), 1]), plain, near]);
}

/** log(1 + z) without cancellation, by Kahan's correction of log u, u = 1 + z, for z ≤ 1: z log u / (u − 1). */
export function log1p(graph: GraphBuilder, z: Value): Value {
  const u = graph.node('Add', [z, 1]);
  const plain = graph.node('Log', [u]);
  const corrected = graph.node('Div', [graph.node('Mul', [plain, z]), graph.node('Sub', [u, 1])]);
  const near = graph.node('Where', [graph.node('Equal', [u, 1]), z, corrected]);
  return graph.node('Where', [graph.node('Greater', [z, 1]), plain, near]);
}
