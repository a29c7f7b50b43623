/** An operand of a step: one number for all, or one per slice; behind a step that mixes, one per output. */
export type Operand = number | Float64Array;

/**
 * A formula is a list of steps. Kernels compute it, an exporter reads it, and neither knows the method.
 *
 * `maximum` limits from below and `minimum` from above, and both keep NaN. `fill` puts a number in the place of NaN. `stretch` is low + x (high − low), which keeps [0, 1] within [low, high] whatever the rounding. `to_rank` gives a value
 * its rank between 0 and 1 among the `quantiles` of its slice, which have the ranks `references`; `from_rank` is the way
 * back, and takes ranks within `margin` of the ends for the ends. `normal_quantile` and `normal_cdf` belong to the
 * standard normal. The power transforms take λ; a value that Box-Cox has no image for is an error.
 */
export type Step = ElementwiseStep | MixingStep;

export type ElementwiseStep =
  | { op: 'add' | 'subtract' | 'multiply' | 'divide'; by: Operand }
  | { op: 'maximum' | 'minimum'; by: Operand }
  | { op: LogKind | `${LogKind}-inverse` }
  | PowerStep
  | { op: 'stretch'; low: number; high: number }
  | { op: 'fill'; with: number }
  | ({ op: 'to_rank' } & Landmarks)
  | ({ op: 'from_rank'; margin: number } & Landmarks)
  | { op: 'normal_quantile' | 'normal_cdf' };

/** A power transform, or one relative to a reference value per slice: `(ψ(x) − ψ(r)) / base^λ`, see `power-near.ts`. */
export interface PowerStep {
  op: 'yeo-johnson' | 'yeo-johnson-inverse' | 'box-cox' | 'box-cox-inverse';
  by: Operand;
  reference?: Float64Array;
}

/**
 * A step that makes each value of a sample's output of all its values: their product with a matrix, row-major with
 * `inputs` rows and `outputs` columns or transposed, or the solution v of v Mᵀ = x for a lower triangular M.
 */
export type MixingStep =
  | { op: 'mix'; matrix: Float64Array; inputs: number; outputs: number; transposed: boolean }
  | { op: 'solve_lower'; matrix: Float64Array; size: number };

export function isMixing(step: Step): step is MixingStep {
  return step.op === 'mix' || step.op === 'solve_lower';
}

export function isElementwise(steps: readonly Step[]): steps is ElementwiseStep[] {
  return !steps.some(isMixing);
}

/** The number of steps before `fill`, which hides that a value came out as NaN. */
export function lengthBeforeFill(steps: readonly Step[]): number {
  const at = steps.findIndex(({ op }) => op === 'fill');
  return at < 0 ? steps.length : at;
}

/** `symlog` is sign(x) · log1p|x|, `asinh` the inverse hyperbolic sine. */
export type LogKind = 'log' | 'log1p' | 'symlog' | 'asinh';

interface Landmarks {
  /** One row per landmark, one value per slice. */
  quantiles: Float64Array;
  /** One value per landmark. */
  references: Float64Array;
}

/**
 * The vector norm of each slice of the data at hand, (Σ|x|^norm)^(1/norm), where 0 counts the non-zeros, or the root of
 * its mean square; 1 where it is 0.
 */
export type SliceNorm =
  | {
      norm: number;
      /** What the divisor is at least. */
      atLeast: number;
    }
  | {
      norm: 'rms';
      /** What is added to the mean square. */
      added: number;
    };

/** A step whose operand is computed from the slice itself. */
export type SampleStep = { op: 'divide'; by: SliceNorm };
