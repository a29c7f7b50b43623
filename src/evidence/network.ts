import { createRandom } from './random.ts';

/** Samples whose gradients are averaged for a step. */
export const batchSize = 32;

/** Steps of gradient descent in all. */
export const trainingSteps = 500;

/** Steps that one point of a learning curve is the mean of. */
export const stepsPerPoint = 20;

/** Units of the hidden layer. */
export const hiddenUnits = 16;

/** The steps that networks are trained with: what is usual, and ten times less and more. */
export const learningRates = [0.01, 0.1, 1] as const;

const weightSeed = 1;

/** What is learned: classes by softmax and log-loss, or numbers (standardized) by half the squared error. */
export interface NetworkTargets {
  values: Float64Array;
  /** Classes, or 0 for numbers. */
  classCount: number;
}

/** A network in training: plain data, so that it can go on elsewhere. Without hidden units it is a linear model. */
export interface Network {
  columns: number;
  hidden: number;
  outputs: number;
  /** From the columns to the hidden units, one row per column; of no hidden units, none. */
  first: Float64Array;
  firstBias: Float64Array;
  /** From the hidden units, or the columns, to the outputs, one row per input; a row has an even length, as kernels want it. */
  last: Float64Array;
  lastBias: Float64Array;
  learningRate: number;
  step: number;
  /** The mean loss of each stretch of `stepsPerPoint` steps so far; it ends where it is no longer finite. */
  curve: number[];
  hasDiverged: boolean;
}

/** Weights as He et al. 2015 draw them, uniform with variance 2 / inputs, by a fixed seed; biases of 0; the last layer begins with zeros. */
export function createNetwork(
  columns: number,
  hidden: number,
  outputs: number,
  learningRate: number,
  seed = 0,
): Network {
  const random = createRandom(weightSeed + 1000 * seed);
  const reach = Math.sqrt(6 / columns);
  return {
    columns,
    hidden,
    outputs,
    first: Float64Array.from({ length: columns * hidden }, () => reach * (2 * random() - 1)),
    firstBias: new Float64Array(hidden),
    last: new Float64Array((hidden || columns) * even(outputs)),
    lastBias: new Float64Array(even(outputs)),
    learningRate,
    step: 0,
    curve: [],
    hasDiverged: false,
  };
}

/** The next even number: what a row of outputs is long. */
export function even(outputs: number): number {
  return outputs + (outputs % 2);
}
