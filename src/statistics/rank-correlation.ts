/**
 * Spearman's rank correlation, as scipy.stats.spearmanr has it: Pearson's correlation of the ranks, ties at their mid-rank.
 * Pairs with a NaN are left out. NaN where there are fewer than two pairs, or where either side is constant.
 */
export function rankCorrelation(x: Float64Array, y: Float64Array): number {
  const pairs = Uint32Array.from(x.keys()).filter((at) => !Number.isNaN(x[at]) && !Number.isNaN(y[at]));
  const left = midRanks(Float64Array.from(pairs, (at) => x[at]));
  const right = midRanks(Float64Array.from(pairs, (at) => y[at]));
  const mean = (pairs.length - 1) / 2;
  let [both, ofLeft, ofRight] = [0, 0, 0];
  left.forEach((rank, at) => {
    both += (rank - mean) * (right[at] - mean);
    ofLeft += (rank - mean) ** 2;
    ofRight += (right[at] - mean) ** 2;
  });
  return both / Math.sqrt(ofLeft * ofRight);
}

/** Each value's rank from 0 on; equal values share the mean of theirs. */
function midRanks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || 0);
  const ranks = new Float64Array(values.length);
  for (let first = 0, next = 0; first < order.length; first = next) {
    while (next < order.length && values[order[next]] === values[order[first]]) next++;
    for (let at = first; at < next; at++) ranks[order[at]] = (first + next - 1) / 2;
  }
  return ranks;
}
