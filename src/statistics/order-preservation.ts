/** Differences up to this, relative to the largest output, are rounding and not a change of places. */
const tolerance = 1e-12;

/**
 * Whether the order of values survives: of two values in the same group, the lesser one has no greater output. Outputs may
 * become equal. Pairs with a NaN are left out.
 * @param groupOf the group of each value; without it all belong together
 */
export function preservesOrder(x: Float64Array, y: Float64Array, groupOf: (at: number) => number = () => 0): boolean {
  const order = Uint32Array.from(x.keys()).filter((at) => !Number.isNaN(x[at]) && !Number.isNaN(y[at]));
  // The difference of two infinities is NaN, which is no order.
  order.sort((a, b) => groupOf(a) - groupOf(b) || x[a] - x[b] || 0);
  const largest = order.reduce((most, at) => (Number.isFinite(y[at]) ? Math.max(most, Math.abs(y[at])) : most), 0);
  let before = -Infinity;
  let now = -Infinity;
  for (let at = 0; at < order.length; at++) {
    const [last, next] = [order[at - 1], order[at]];
    if (at > 0 && groupOf(last) !== groupOf(next)) before = now = -Infinity;
    else if (at > 0 && x[last] !== x[next]) before = now;
    if (y[next] < before - tolerance * largest) return false;
    now = Math.max(now, y[next]);
  }
  return true;
}
