/**
 * Whether a slice varies by no more than the rounding of its own sums: `var ≤ n·ε·var + (n·mean·ε)²`, the rule of
 * scikit-learn's `_is_constant_feature`.
 */
export function isConstant(n: number, mean: number, m2: number): boolean {
  const variance = m2 / n;
  return variance <= n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2;
}
