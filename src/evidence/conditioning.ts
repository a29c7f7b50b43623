import { symmetricEigenvalues } from './eigenvalues.ts';

/** What gradient descent on a linear model meets: the spectrum of its Hessian. */
export interface Conditioning {
  /** The largest eigenvalue. */
  maxEigenvalue: number;
  /** The smallest one that is not zero but for rounding. */
  minEigenvalue: number;
  /** Their ratio: the steps that gradient descent takes grow with it. */
  conditionNumber: number;
  /** The largest step at which gradient descent does not diverge, 2 / λmax. */
  maxLearningRate: number;
  /** The eigenvalues that are not zero, of `dimension`. */
  rank: number;
  /** The columns and the intercept. */
  dimension: number;
}

/**
 * The spectrum of H = XᵀX / n with a column of ones (LeCun, Kanter and Solla 1991; LeCun et al., Efficient BackProp).
 * Eigenvalues of at most λmax · dimension · ε are zero, as for numpy.linalg.matrix_rank: along them nothing is learned.
 * @param gram XᵀX, its lower triangle, of `columns` × `columns`
 * @param sums of the columns
 */
export function conditioningOf(gram: Float64Array, sums: Float64Array, samples: number): Conditioning {
  const columns = sums.length;
  const dimension = columns + 1;
  const hessian = new Float64Array(dimension * dimension);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) hessian[i * dimension + j] = gram[i * columns + j] / samples;
    hessian[columns * dimension + i] = sums[i] / samples;
  }
  hessian[dimension * dimension - 1] = 1;
  const eigenvalues = symmetricEigenvalues(hessian, dimension);
  const maxEigenvalue = eigenvalues[dimension - 1];
  const real = eigenvalues.filter((value) => value > maxEigenvalue * dimension * Number.EPSILON);
  return {
    maxEigenvalue,
    minEigenvalue: real[0],
    conditionNumber: maxEigenvalue / real[0],
    maxLearningRate: 2 / maxEigenvalue,
    rank: real.length,
    dimension,
  };
}
