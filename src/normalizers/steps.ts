/** An operand of a step: one number for all, or one per slice. */
export type Operand = number | Float64Array;

/**
 * A formula is a list of elementwise steps. Kernels compute it, an exporter reads it, and neither knows the method.
 *
 * `stretch` is low + x (high − low), which keeps [0, 1] within [low, high] whatever the rounding. `to_rank` gives a value
 * its rank between 0 and 1 among the `quantiles` of its slice, which have the ranks `references`; `from_rank` is the way
 * back, and takes ranks within `margin` of the ends for the ends. `normal_quantile` and `normal_cdf` belong to the
 * standard normal. The power transforms take λ; a value that Box-Cox has no image for is an error.
 */
export type Step =
  | { op: 'add' | 'subtract' | 'multiply' | 'divide'; by: Operand }
  | { op: 'yeo-johnson' | 'yeo-johnson-inverse' | 'box-cox' | 'box-cox-inverse'; by: Operand }
  | { op: 'stretch' | 'clip'; low: number; high: number }
  | ({ op: 'to_rank' } & Landmarks)
  | ({ op: 'from_rank'; margin: number } & Landmarks)
  | { op: 'normal_quantile' | 'normal_cdf' };

interface Landmarks {
  /** One row per landmark, one value per slice. */
  quantiles: Float64Array;
  /** One value per landmark. */
  references: Float64Array;
}

/** The vector norm of each slice of the data at hand, (Σ|x|^norm)^(1/norm), where 0 counts the non-zeros; 1 where it is 0. */
export interface SliceNorm {
  norm: number;
  /** What the divisor is at least. */
  atLeast: number;
}

/** A step whose operand is computed from the slice itself. */
export type SampleStep = { op: 'divide'; by: SliceNorm };
