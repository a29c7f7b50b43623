import { factorize, solve } from './cholesky.ts';
import type { Matrix } from './matrix.ts';

/** What the squares of the weights are multiplied by: the default of sklearn.linear_model.Ridge and RidgeClassifier. */
export const ridgeAlpha = 1;

/** Linear functions of a sample, one per output. */
export interface LinearModel {
  /** One row per output. */
  weights: Float64Array<ArrayBuffer>;
  intercepts: Float64Array<ArrayBuffer>;
}

/** The targets of a linear model: one column per output, row-major. */
export interface Targets {
  values: Float64Array;
  outputs: number;
}

/** Numbers as targets. */
export function numberTargets(values: Float64Array): Targets {
  return { values, outputs: 1 };
}

/** Classes as targets of ±1, one output per class, or one for two classes: as sklearn.linear_model.RidgeClassifier. */
export function classTargets(classes: ArrayLike<number>, classCount: number): Targets {
  const outputs = classCount === 2 ? 1 : classCount;
  const values = new Float64Array(classes.length * outputs).fill(-1);
  for (let i = 0; i < classes.length; i++) {
    if (outputs > 1) values[i * outputs + classes[i]] = 1;
    else if (classes[i] === 1) values[i] = 1;
  }
  return { values, outputs };
}

/**
 * Ridge regression to its optimum: ‖y − Xw − b‖² + α‖w‖², with b free, by Cholesky.
 * @param gram of the training samples less their means, its lower triangle; overwritten
 * @param means of the training samples
 */
export function solveRidge(
  gram: Float64Array,
  means: Float64Array,
  x: Matrix,
  train: Uint32Array,
  { values: y, outputs }: Targets,
  alpha: number,
): LinearModel {
  const { values, columns } = x;
  for (let j = 0; j < columns; j++) gram[j * columns + j] += alpha;
  factorize(gram, columns);
  const targetMeans = new Float64Array(outputs);
  for (const sample of train) {
    for (let o = 0; o < outputs; o++) targetMeans[o] += y[sample * outputs + o] / train.length;
  }
  const weights = new Float64Array(outputs * columns);
  for (const sample of train) {
    for (let o = 0; o < outputs; o++) {
      const target = y[sample * outputs + o] - targetMeans[o];
      for (let j = 0; j < columns; j++) weights[o * columns + j] += (values[sample * columns + j] - means[j]) * target;
    }
  }
  const intercepts = new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const own = weights.subarray(o * columns, (o + 1) * columns);
    solve(gram, columns, own);
    intercepts[o] = targetMeans[o];
    for (let j = 0; j < columns; j++) intercepts[o] -= own[j] * means[j];
  }
  return { weights, intercepts };
}

/** What a linear model predicts for some samples: numbers, or classes by the largest output, or by the sign of the only one. */
export function predictLinear(
  { weights, intercepts }: LinearModel,
  { values, columns }: Matrix,
  test: Uint32Array,
  isClassifier: boolean,
): Float64Array<ArrayBuffer> {
  const outputs = new Float64Array(intercepts.length);
  return Float64Array.from(test, (sample) => {
    for (let o = 0; o < outputs.length; o++) {
      let sum = intercepts[o];
      for (let j = 0; j < columns; j++) sum += weights[o * columns + j] * values[sample * columns + j];
      outputs[o] = sum;
    }
    if (!isClassifier) return outputs[0];
    if (outputs.length === 1) return outputs[0] > 0 ? 1 : 0;
    return outputs.indexOf(Math.max(...outputs));
  });
}
