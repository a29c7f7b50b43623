/** Multinomial logistic regression on standardized samples. */
export interface LogisticProblem {
  /** The training samples standardized, with a column of ones last. */
  x: Float64Array;
  width: number;
  samples: number;
  labels: Uint32Array;
  outputs: number;
  /** The penalty of each column: the weights of the data as they came are penalized, not those of the standardized columns. */
  penalties: Float64Array;
}

/** The penalized loss; fills in the probabilities unless they are left out. */
export function lossAt(parameters: Float64Array, problem: LogisticProblem, probabilities?: Float64Array): number {
  const { x, width, samples, labels, outputs, penalties } = problem;
  const scores = new Float64Array(outputs);
  let loss = 0;
  for (let i = 0; i < samples; i++) {
    for (let o = 0; o < outputs; o++) {
      let score = 0;
      for (let j = 0; j < width; j++) score += parameters[o * width + j] * x[i * width + j];
      scores[o] = score;
    }
    if (outputs === 1) {
      const signed = labels[i] === 1 ? scores[0] : -scores[0];
      loss += signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed;
      if (probabilities) probabilities[i] = 1 / (1 + Math.exp(-scores[0]));
      continue;
    }
    let most = scores[0];
    for (let o = 1; o < outputs; o++) most = Math.max(most, scores[o]);
    let total = 0;
    const own = scores[labels[i]];
    for (let o = 0; o < outputs; o++) {
      scores[o] = Math.exp(scores[o] - most);
      total += scores[o];
    }
    loss += Math.log(total) + most - own;
    if (probabilities) for (let o = 0; o < outputs; o++) probabilities[i * outputs + o] = scores[o] / total;
  }
  for (let o = 0; o < outputs; o++) {
    for (let j = 0; j < width; j++) loss += 0.5 * penalties[j] * parameters[o * width + j] ** 2;
  }
  return loss;
}

/** The gradient of the penalized loss. */
export function gradientAt(
  parameters: Float64Array,
  problem: LogisticProblem,
  probabilities: Float64Array,
): Float64Array {
  const { x, width, samples, labels, outputs, penalties } = problem;
  const gradient = parameters.map((value, i) => value * penalties[i % width]);
  for (let i = 0; i < samples; i++) {
    for (let o = 0; o < outputs; o++) {
      const target = outputs === 1 ? labels[i] : labels[i] === o ? 1 : 0;
      const residual = probabilities[i * outputs + o] - target;
      for (let j = 0; j < width; j++) gradient[o * width + j] += residual * x[i * width + j];
    }
  }
  return gradient;
}

/** The Hessian of the penalized loss times a vector. */
export function multiplyHessian(
  vector: Float64Array,
  problem: LogisticProblem,
  probabilities: Float64Array,
): Float64Array {
  const { x, width, samples, outputs, penalties } = problem;
  const image = vector.map((value, i) => value * penalties[i % width]);
  const scores = new Float64Array(outputs);
  for (let i = 0; i < samples; i++) {
    const row = i * width;
    let mean = 0;
    for (let o = 0; o < outputs; o++) {
      let score = 0;
      for (let j = 0; j < width; j++) score += vector[o * width + j] * x[row + j];
      scores[o] = score;
      mean += score * probabilities[i * outputs + o];
    }
    for (let o = 0; o < outputs; o++) {
      const p = probabilities[i * outputs + o];
      const weight = outputs === 1 ? p * (1 - p) * scores[0] : p * (scores[o] - mean);
      for (let j = 0; j < width; j++) image[o * width + j] += weight * x[row + j];
    }
  }
  return image;
}
