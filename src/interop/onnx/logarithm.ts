import type { LogKind } from '#normalizers/steps.ts';
import type { GraphBuilder, Value } from './graph.ts';
import { expm1, log1p } from './power.ts';

/** From here on 1 + x² is x² to the last digit. */
const far = 2 ** 28;

/** From here on e^x comes near the largest double; its square root does not. */
const steep = 700;

/** Adds a logarithm or its inverse; NaN stays, and what has no image becomes NaN. */
export const logarithm: Record<LogKind | `${LogKind}-inverse`, (graph: GraphBuilder, x: Value) => Value> = {
  log: (graph, x) => graph.node('Log', [x]),
  'log-inverse': (graph, x) => graph.node('Exp', [x]),
  log1p,
  'log1p-inverse': expm1,
  symlog: (graph, x) => mirrored(graph, x, log1p),
  'symlog-inverse': (graph, x) => mirrored(graph, x, expm1),
  asinh: (graph, x) => mirrored(graph, x, asinh),
  'asinh-inverse': (graph, x) => mirrored(graph, x, sinh),
};

/** Computes on magnitudes and puts the sign back. */
function mirrored(graph: GraphBuilder, x: Value, compute: (graph: GraphBuilder, magnitude: Value) => Value): Value {
  const y = compute(graph, graph.node('Abs', [x]));
  return graph.node('Where', [graph.node('Less', [x, 0]), graph.node('Neg', [y]), y]);
}

/** log1p(x + x² / (1 + √(1 + x²))), which loses nothing near 0; log x + log 2 far from it. */
function asinh(graph: GraphBuilder, x: Value): Value {
  const square = graph.node('Mul', [x, x]);
  const root = graph.node('Sqrt', [graph.node('Add', [square, 1])]);
  const more = graph.node('Div', [square, graph.node('Add', [root, 1])]);
  const near = log1p(graph, graph.node('Add', [x, more]));
  const beyond = graph.node('Add', [graph.node('Log', [x]), Math.LN2]);
  return graph.node('Where', [graph.node('Greater', [x, far]), beyond, near]);
}

/** (e + e / (e + 1)) / 2 with e = e^y − 1. */
function sinh(graph: GraphBuilder, y: Value): Value {
  const e = expm1(graph, y);
  const sum = graph.node('Add', [e, graph.node('Div', [e, graph.node('Add', [e, 1])])]);
  const root = graph.node('Exp', [graph.node('Mul', [y, 0.5])]);
  const beyond = graph.node('Mul', [graph.node('Mul', [root, 0.5]), root]);
  return graph.node('Where', [graph.node('Greater', [y, steep]), beyond, graph.node('Mul', [sum, 0.5])]);
}
