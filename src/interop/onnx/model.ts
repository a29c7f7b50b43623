import { problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { inverseSteps, outputSteps, transformSteps } from '#normalizers/formula.ts';
import { compositionOf } from '#normalizers/composition/parts.ts';
import { type Compute, computeOf } from './composed.ts';
import {
  outputNames,
  outputShape,
  restoredColumns,
  transformedShape,
} from '#normalizers/composition/output-columns.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { isMixing, type Step } from '#normalizers/steps.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { defaultOutput, type Dtype, type FloatDtype } from '#tensor/dtype.ts';
import { buildGraph, type GraphBuilder, type Value } from './graph.ts';
import { divideByNorm } from './norms.ts';
import { modelProto } from './proto.ts';
import { addMixing } from './mixing.ts';
import { addStep } from './steps.ts';

export interface OnnxOptions {
  operation: 'transform' | 'inverse_transform';
  /** Dtype of the model's input. Default: the fitted dtype, for the inverse that of the transform's output. */
  inputDtype?: Dtype;
  /** Default: floats keep their dtype, integers and booleans become float64. */
  outputDtype?: FloatDtype;
}

/**
 * An ONNX model that computes a fitted normalizer: input `input`, output `output` of the same shape, with axis 0 and
 * the reduced axes free; for a table an input of shape [n, 1] for each column by its name, and an output, `age_out`. It computes in float64 between two casts, whatever the dtypes, and rejects no value: NaN
 * stays.
 * @throws Problem not_exportable if ONNX's operators cannot express it
 */
export function toOnnx(fitted: Fitted, { operation, inputDtype, outputDtype }: OnnxOptions): Uint8Array<ArrayBuffer> {
  const { normalizer, input } = fitted;
  const inverse = operation === 'inverse_transform';
  const dtype = inputDtype ?? (inverse ? defaultOutput(input.dtype) : input.dtype);
  const output = outputDtype ?? defaultOutput(dtype);
  const shapeFor = (lengths: readonly (number | null)[]) =>
    lengths.map((length, axis) => length ?? (axis === 0 ? 'batch' : `dim_${axis}`));
  const [fittedShape, narrowed] = [shapeFor(input.shape), shapeFor(transformedShape(fitted))];
  const [shape, shapeOut] = inverse ? [narrowed, restoredShape(fitted, fittedShape)] : [fittedShape, narrowed];
  if (normalizer.columns && methodOf(normalizer).outputs?.(normalizer)) {
    const detail =
      'Where other columns come out than go in, a model takes no columns beside them: fit without columns.';
    throw problemAt('not_exportable', '/normalizer/columns', detail);
  }
  const names = namesOf(fitted, inverse);
  const graph = buildGraph(names && [...names.inputs, ...names.outputs]);
  const given = names
    ? joinColumns(graph, names.inputs, (name) => graph.input(name, dtype, [shape[0], 1]))
    : graph.input('input', dtype, shape);
  const x = graph.cast(given, 'float64');
  const plain = (one: Fitted) => (inverse ? inverseOf(graph, one) : transformOf(graph, one));
  const isComposed = compositionOf(normalizer) !== undefined;
  const compute = isComposed ? computeOf(graph, fitted, inverse, plain) : plain(fitted);
  const selected = isComposed ? undefined : normalizer.columns;
  const y = selected ? onColumns(graph, x, selected, shape.length, compute) : compute(x);
  const whole = graph.cast(y, output);
  const outputs = names
    ? names.outputs.map((name, at) => {
        const of = graph.node('Gather', [whole, graph.integers([at])], { axis: 1 });
        return { name, of, dtype: output, shape: [shapeOut[0], 1] };
      })
    : [{ name: 'output', of: whole, dtype: output, shape: shapeOut }];
  const { about } = methodOf(normalizer);
  return modelProto({
    graph: graph.finish(operation, outputs),
    description: `${about.title}: ${about.formula}`,
    metadata: { normalizer: JSON.stringify(normalizer), operation },
  });
}

/** The names of the columns on both sides, each only once; undefined where they have none. */
function namesOf(fitted: Fitted, inverse: boolean): { inputs: string[]; outputs: string[] } | undefined {
  const { columns, shape } = fitted.input;
  if (!columns || shape.length !== 2) return undefined;
  const transformed = outputNames({ operation: 'transform', fitted }, columns);
  const inputs = inverse ? transformed : [...columns];
  const given = inverse ? restoredNames(fitted, columns) : transformed;
  const taken = new Set(inputs);
  const outputs = given.map((name) => {
    let output = `${name}_out`;
    while (taken.has(output)) output += '_out';
    taken.add(output);
    return output;
  });
  return { inputs, outputs };
}

function restoredNames({ normalizer }: Fitted, columns: readonly string[]): readonly string[] {
  return restoredColumns(normalizer, columns.length)?.map((at) => columns[at]) ?? columns;
}

function joinColumns(graph: GraphBuilder, names: readonly string[], inputOf: (name: string) => Value): Value {
  const inputs = names.map(inputOf);
  return inputs.length === 1 ? inputs[0] : graph.node('Concat', inputs, { axis: 1 });
}

/** What an inverse gives: columns that were dropped do not come back. */
function restoredShape<Length>(fitted: Fitted, shape: Length[]): (Length | number)[] {
  const last = shape.at(-1);
  if (typeof last !== 'number') return shape;
  return [...shape.slice(0, -1), ...outputShape({ operation: 'inverse-transform', fitted }, [last])];
}

function transformOf(graph: GraphBuilder, fitted: Fitted): Compute {
  const { normalizer, parameters, scope } = fitted;
  const method = methodOf(normalizer);
  if (scope === 'dataset') return withSteps(graph, fitted, transformSteps(normalizer, parameters));
  const steps = method.sampleTransform?.(normalizer);
  if (!steps) {
    throw problemAt(
      'not_exportable',
      '/normalizer/axis',
      `Under sample scope each new sample is fitted by itself, which an ONNX model of ${method.name} cannot do. Fit with an axis that includes 0 to get parameters that can be exported.`,
    );
  }
  const axes = reducedOf(fitted).flatMap((isReduced, axis) => (isReduced ? [axis] : []));
  const onOutput = withSteps(graph, fitted, outputSteps(normalizer));
  return (x) =>
    onOutput(steps.reduce((y, { by }) => divideByNorm(graph, y, by, axes, normalizer.nan_policy === 'omit'), x));
}

function inverseOf(graph: GraphBuilder, fitted: Fitted): Compute {
  const { normalizer, parameters, scope } = fitted;
  if (scope === 'sample') {
    throw problemAt(
      'not_exportable',
      '/normalizer/axis',
      'Under sample scope the parameters belong to the samples of one batch, so an ONNX model cannot invert other batches.',
    );
  }
  return withSteps(graph, fitted, inverseSteps(normalizer, parameters));
}

function withSteps(graph: GraphBuilder, fitted: Fitted, steps: readonly Step[]): Compute {
  const reduced = reducedOf(fitted);
  const kept = fitted.keptShape.values();
  const sliceShape = reduced.map((isReduced) => (isReduced ? 1 : (kept.next().value as number)));
  /** Other columns than go in may come out; then the features are the last axis. */
  const shapeOf = ({ length }: Float64Array) => (length === slices ? sliceShape : [...sliceShape.slice(0, -1), length]);
  const slices = fitted.keptShape.reduce((product, length) => product * length, 1);
  return (x) =>
    steps.reduce((y, step) => {
      if (isMixing(step)) return addMixing(graph, y, step, reduced);
      return addStep(graph, y, step, 'by' in step && typeof step.by !== 'number' ? shapeOf(step.by) : sliceShape);
    }, x);
}

function reducedOf({ normalizer, input }: Fitted): boolean[] {
  return reducedAxes(normalizer.axis, input.shape.length);
}

/** Computes on some columns along the last axis; the others pass through. */
function onColumns(graph: GraphBuilder, x: Value, columns: readonly number[], rank: number, compute: Compute): Value {
  const axis = rank - 1;
  const indexes = graph.integers(columns);
  const y = compute(graph.node('Gather', [x, indexes], { axis }));
  const everywhere = graph.node('Expand', [indexes, graph.node('Shape', [y])]);
  return graph.node('ScatterElements', [x, everywhere, y], { axis });
}
