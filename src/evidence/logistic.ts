import { factorize, solve } from './cholesky.ts';
import { addGram } from './gram.ts';
import { gradientAt, type LogisticProblem, lossAt, multiplyHessian } from './logistic-loss.ts';
import { columnMeans, columnVariances, type Matrix } from './matrix.ts';
import type { LinearModel } from './ridge.ts';

/** The inverse of what the squares of the weights are multiplied by: the default of sklearn.linear_model.LogisticRegression. */
export const logisticC = 1;

/** Newton steps at most. */
const maxSteps = 100;

/** Newton's decrement, relative to the loss, at which a further step changes nothing that a prediction shows. */
const tolerance = 1e-12;

/** How far the conjugate gradients go within a Newton step, and how long. */
const inner = { tolerance: 1e-1, maxIterations: 200 };

/** Parameters up to which the steps are preconditioned with the whole Hessian, and then end at once. */
const maxWhole = 400;

/** What the whole Hessian's diagonal is raised by, relative to it. */
const trifle = 1e-10;

/** A fit that is under way: plain data, so that it can go on elsewhere. */
export interface LogisticFit {
  /** One row per output: the weights of the standardized columns, then the intercept. */
  parameters: Float64Array;
  outputs: number;
  steps: number;
  isDone: boolean;
}

/**
 * A fit that has not begun; two classes have one output, as in scikit-learn.
 * @param near where to begin, such as at the optimum for nearly the same samples
 */
export function startLogistic(columns: number, classCount: number, near?: LogisticFit): LogisticFit {
  const outputs = classCount === 2 ? 1 : classCount;
  const parameters = near?.parameters ?? new Float64Array(outputs * (columns + 1));
  return { parameters, outputs, steps: 0, isDone: false };
}

/**
 * Goes on with multinomial logistic regression towards its optimum, Σ log-loss + ‖w‖² / 2C with the intercepts free, by
 * Newton's method; the steps are solved by conjugate gradients, preconditioned with the Hessian where it is small, or else
 * with its diagonal blocks.
 * Columns are standardized on the way, and the penalty with them, so that the optimum is that of the data as they came.
 * @param steps at most, so that a piece of work stays short
 */
export function continueLogistic(
  fit: LogisticFit,
  x: Matrix,
  train: Uint32Array,
  classes: ArrayLike<number>,
  steps: number,
): void {
  const problem = standardize(x, train, classes, fit.outputs);
  const { outputs } = fit;
  const size = outputs * problem.width;
  for (let step = 0; step < steps && !fit.isDone; step++) {
    const probabilities = new Float64Array(problem.samples * outputs);
    const loss = lossAt(fit.parameters, problem, probabilities);
    const gradient = gradientAt(fit.parameters, problem, probabilities);
    const direction = newtonDirection(gradient, problem, probabilities);
    let decrement = 0;
    for (let i = 0; i < size; i++) decrement += gradient[i] * direction[i];
    if (!(decrement > tolerance * (1 + loss)) || !advance(fit, direction, decrement, loss, problem)) fit.isDone = true;
    fit.steps += 1;
    if (fit.steps >= maxSteps) fit.isDone = true;
  }
}

/** The model in units of the data as they came. */
export function logisticModel(fit: LogisticFit, x: Matrix, train: Uint32Array): LinearModel {
  const { columns } = x;
  const { means, scales } = scalesOf(x, train);
  const weights = new Float64Array(fit.outputs * columns);
  const intercepts = new Float64Array(fit.outputs);
  for (let o = 0; o < fit.outputs; o++) {
    const own = fit.parameters.subarray(o * (columns + 1), (o + 1) * (columns + 1));
    intercepts[o] = own[columns];
    for (let j = 0; j < columns; j++) {
      weights[o * columns + j] = own[j] / scales[j];
      intercepts[o] -= (own[j] / scales[j]) * means[j];
    }
  }
  return { weights, intercepts };
}

/** Operations that a Newton step takes, about. */
export function logisticCost(samples: number, columns: number, classCount: number): number {
  return samples * (columns + 1) ** 2 * (classCount === 2 ? 1 : classCount);
}

function scalesOf(x: Matrix, train: Uint32Array): { means: Float64Array; scales: Float64Array } {
  const means = columnMeans(x, train);
  const scales = columnVariances(x, train, means).map((variance) => Math.sqrt(variance) || 1);
  return { means, scales };
}

function standardize(x: Matrix, train: Uint32Array, classes: ArrayLike<number>, outputs: number): LogisticProblem {
  const { values, columns } = x;
  const { means, scales } = scalesOf(x, train);
  const width = columns + 1;
  const standardized = new Float64Array(train.length * width);
  train.forEach((sample, i) => {
    for (let j = 0; j < columns; j++)
      standardized[i * width + j] = (values[sample * columns + j] - means[j]) / scales[j];
    standardized[i * width + columns] = 1;
  });
  const penalties = new Float64Array(width);
  for (let j = 0; j < columns; j++) penalties[j] = 1 / (logisticC * scales[j] * scales[j]);
  const labels = Uint32Array.from(train, (sample) => classes[sample]);
  return { x: standardized, width, samples: train.length, labels, outputs, penalties };
}

/** Solves Hessian · direction = gradient by preconditioned conjugate gradients. */
function newtonDirection(gradient: Float64Array, problem: LogisticProblem, probabilities: Float64Array): Float64Array {
  const isSmall = gradient.length <= maxWhole;
  const blocks = isSmall ? [wholeHessian(problem, probabilities)] : diagonalBlocks(problem, probabilities);
  const blockSize = gradient.length / blocks.length;
  for (const block of blocks) factorize(block, blockSize);
  const direction = new Float64Array(gradient.length);
  const residual = gradient.slice();
  let preconditioned = solveBlocks(blocks, residual);
  const search = preconditioned.slice();
  let product = dot(residual, preconditioned);
  const goal = product * inner.tolerance ** 2;
  for (let iteration = 0; iteration < inner.maxIterations && product > goal; iteration++) {
    const image = multiplyHessian(search, problem, probabilities);
    const step = product / dot(search, image);
    for (let i = 0; i < direction.length; i++) {
      direction[i] += step * search[i];
      residual[i] -= step * image[i];
    }
    preconditioned = solveBlocks(blocks, residual);
    const next = dot(residual, preconditioned);
    const ratio = next / product;
    for (let i = 0; i < search.length; i++) search[i] = preconditioned[i] + ratio * search[i];
    product = next;
  }
  return direction;
}

/** The blocks of the Hessian on its diagonal, one per output. */
function diagonalBlocks(problem: LogisticProblem, probabilities: Float64Array): Float64Array[] {
  const { width, outputs, penalties } = problem;
  return Array.from({ length: outputs }, (_, o) => {
    const block = weightedGram(problem, (i) => probabilities[i * outputs + o] * (1 - probabilities[i * outputs + o]));
    for (let j = 0; j < width; j++) block[j * width + j] += penalties[j];
    return block;
  });
}

/**
 * The lower triangle of the Hessian. Softmax leaves one direction of the intercepts free, in which it is singular; a
 * trifle on the diagonal makes it definite.
 */
function wholeHessian(problem: LogisticProblem, probabilities: Float64Array): Float64Array {
  const { width, outputs } = problem;
  const size = outputs * width;
  const hessian = new Float64Array(size * size);
  diagonalBlocks(problem, probabilities).forEach((block, o) => {
    for (let j = 0; j < width; j++) {
      const row = (o * width + j) * size + o * width;
      hessian.set(block.subarray(j * width, j * width + j + 1), row);
      hessian[row + j] *= 1 + trifle;
    }
  });
  for (let o = 1; o < outputs; o++) {
    for (let other = 0; other < o; other++) {
      const block = weightedGram(problem, (i) => probabilities[i * outputs + o] * probabilities[i * outputs + other]);
      for (let j = 0; j < width; j++) {
        for (let k = 0; k < width; k++) {
          const value = k <= j ? block[j * width + k] : block[k * width + j];
          hessian[(o * width + j) * size + other * width + k] = -value;
        }
      }
    }
  }
  return hessian;
}

/** The lower triangle of Σ weight · x xᵀ over the samples, of `width` × `width`. */
function weightedGram({ x, width, samples }: LogisticProblem, weightOf: (sample: number) => number): Float64Array {
  const weighted = new Float64Array(x.length);
  for (let i = 0; i < samples; i++) {
    const root = Math.sqrt(weightOf(i));
    for (let j = i * width; j < (i + 1) * width; j++) weighted[j] = root * x[j];
  }
  const all = Uint32Array.from({ length: samples }, (_, i) => i);
  const gram = new Float64Array(width * width);
  addGram(gram, { values: weighted, rows: samples, columns: width }, all, new Float64Array(width));
  return gram;
}

function solveBlocks(blocks: Float64Array[], vector: Float64Array): Float64Array {
  const solved = vector.slice();
  const size = vector.length / blocks.length;
  blocks.forEach((block, o) => solve(block, size, solved.subarray(o * size, (o + 1) * size)));
  return solved;
}

/** Goes in the direction as far as the loss falls as it should; false where it falls no more. */
function advance(
  fit: LogisticFit,
  direction: Float64Array,
  decrement: number,
  loss: number,
  problem: LogisticProblem,
): boolean {
  for (let length = 1; length > 1e-6; length /= 2) {
    const tried = fit.parameters.map((value, i) => value - length * direction[i]);
    if (lossAt(tried, problem) <= loss - 1e-4 * length * decrement) {
      fit.parameters = tried;
      return true;
    }
  }
  return false;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
