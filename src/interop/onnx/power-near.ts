import type { PowerStep } from '#normalizers/steps.ts';
import { arithmetic } from './arithmetic.ts';
import type { GraphBuilder, Value } from './graph.ts';
import { expm1, grow, log1p, rateBeside, shrink } from './power.ts';

/** A constant per slice, and how it lies along the data. */
interface PerSlice {
  values: Float64Array;
  shape: readonly number[];
}

/**
 * Adds a power transform relative to a reference value per slice, or its inverse: `(ψ(x) − ψ(r)) / base^λ`, as
 * `power-near.ts` of the kernels computes it.
 */
export function addPowerNear(graph: GraphBuilder, x: Value, step: PowerStep, sliceShape: readonly number[]): Value {
  const references = step.reference ?? new Float64Array(0);
  const lambdas = typeof step.by === 'number' ? references.map(() => step.by as number) : step.by;
  const per = (values: Float64Array): PerSlice => ({ values, shape: sliceShape });
  switch (step.op) {
    case 'box-cox': {
      const positive = graph.node('Where', [graph.node('Greater', [x, 0]), x, Number.NaN]);
      return grow(graph, rateBeside(graph, x, lambdas, sliceShape), logOfQuotient(graph, positive, per(references), 0));
    }
    case 'box-cox-inverse': {
      const log = shrink(graph, rateBeside(graph, x, lambdas, sliceShape), x);
      return valueOfLog(graph, log, per(references), 0);
    }
    case 'yeo-johnson':
      return yeoJohnson(graph, x, per(lambdas), per(references));
    case 'yeo-johnson-inverse':
      return yeoJohnsonInverse(graph, x, per(lambdas), per(references));
  }
}

/** log((shift + x) / (shift + reference)) for values and references from 0 on. */
function logOfQuotient(graph: GraphBuilder, x: Value, { values, shape }: PerSlice, shift: number): Value {
  const bases = values.map((value) => value + shift);
  const over = arithmetic(graph, 'subtract', x, values, shape);
  const share = arithmetic(graph, 'divide', over, bases, shape);
  const whole = arithmetic(graph, 'add', x, shift, []);
  const far = graph.node('Sub', [graph.node('Log', [whole]), graph.doubles(bases.map(Math.log), shape)]);
  return graph.node('Where', [graph.node('Less', [share, -0.5]), far, log1p(graph, share)]);
}

/** The value of such a logarithm. */
function valueOfLog(graph: GraphBuilder, log: Value, { values, shape }: PerSlice, shift: number): Value {
  const bases = values.map((value) => value + shift);
  const near = arithmetic(graph, 'add', arithmetic(graph, 'multiply', expm1(graph, log), bases, shape), values, shape);
  const quotient = arithmetic(graph, 'multiply', graph.node('Exp', [log]), bases, shape);
  const far = arithmetic(graph, 'subtract', quotient, shift, []);
  return graph.node('Where', [graph.node('Less', [log, -0.5]), far, near]);
}

/** What belongs to the reference's side of zero, to the other, and to zero itself. */
function sidesOf({ values: lambdas }: PerSlice, { values: references }: PerSlice) {
  const signs = references.map((reference) => (reference < 0 ? -1 : 1));
  const own = lambdas.map((lambda, at) => (signs[at] < 0 ? 2 - lambda : lambda));
  const lengths = references.map((reference) => Math.log1p(Math.abs(reference)));
  return {
    signs,
    own,
    other: own.map((rate) => 2 - rate),
    magnitudes: references.map(Math.abs),
    growths: own.map((rate, at) => Math.exp(rate * lengths[at])),
    // What zero becomes, with the sign turned.
    ofZero: own.map((rate, at) => (rate === 0 ? lengths[at] : -Math.expm1(-rate * lengths[at]) / rate)),
  };
}

function yeoJohnson(graph: GraphBuilder, x: Value, lambdas: PerSlice, references: PerSlice): Value {
  const { shape } = references;
  const { signs, own, other, magnitudes, growths, ofZero } = sidesOf(lambdas, references);
  const value = graph.node('Mul', [x, graph.doubles(signs, shape)]);
  const beyond = graph.node('Less', [value, 0]);
  const inside = graph.node('Where', [beyond, 0, value]);
  const near = grow(
    graph,
    rateBeside(graph, x, own, shape),
    logOfQuotient(graph, inside, { values: magnitudes, shape }, 1),
  );
  const opposite = grow(graph, rateBeside(graph, x, other, shape), log1p(graph, graph.node('Abs', [value])));
  const measured = arithmetic(graph, 'add', arithmetic(graph, 'divide', opposite, growths, shape), ofZero, shape);
  const y = graph.node('Where', [beyond, graph.node('Neg', [measured]), near]);
  return graph.node('Mul', [y, graph.doubles(signs, shape)]);
}

function yeoJohnsonInverse(graph: GraphBuilder, y: Value, lambdas: PerSlice, references: PerSlice): Value {
  const { shape } = references;
  const { signs, own, other, magnitudes, growths, ofZero } = sidesOf(lambdas, references);
  const value = graph.node('Mul', [y, graph.doubles(signs, shape)]);
  const fromZero = arithmetic(graph, 'add', value, ofZero, shape);
  const near = valueOfLog(
    graph,
    shrink(graph, rateBeside(graph, y, own, shape), value),
    { values: magnitudes, shape },
    1,
  );
  const opposite = arithmetic(graph, 'multiply', graph.node('Neg', [fromZero]), growths, shape);
  const far = graph.node('Neg', [expm1(graph, shrink(graph, rateBeside(graph, y, other, shape), opposite))]);
  const x = graph.node('Where', [graph.node('Less', [fromZero, 0]), far, near]);
  return graph.node('Mul', [x, graph.doubles(signs, shape)]);
}
