/** The share of an interval that a golden section cuts off: (3 − √5) / 2. */
const goldenShare = (3 - Math.sqrt(5)) / 2;

/** Closer than this, relative to the abscissa, rounding hides a minimum. */
const rootOfEpsilon = Math.sqrt(Number.EPSILON);

interface Point {
  x: number;
  cost: number;
}

/**
 * The abscissa within (low, high) where `cost` is least, to `tolerance` and √ε of the abscissa: Brent's method, which
 * takes parabolas through the best three points, and golden sections where those do not help (Algorithms for
 * Minimization without Derivatives, 1973, chapter 5, `localmin`), as in scipy.optimize.fminbound. A cost of Infinity
 * rejects an abscissa.
 */
export function minimize(cost: (x: number) => number, low: number, high: number, tolerance: number): number {
  const evaluate = (x: number): Point => ({ x, cost: cost(x) });
  let best = evaluate(low + goldenShare * (high - low));
  let second = best;
  let third = best;
  let step = 0;
  let stepBefore = 0;
  for (;;) {
    const middle = (low + high) / 2;
    const near = rootOfEpsilon * Math.abs(best.x) + tolerance / 3;
    const wide = Math.abs(best.x - middle) > 2 * near - (high - low) / 2;
    if (!wide) return best.x;

    const vertex = Math.abs(stepBefore) > near ? vertexOf(best, second, third) : NaN;
    const inside = best.x + vertex > low && best.x + vertex < high;
    if (inside && Math.abs(vertex) < Math.abs(stepBefore) / 2) {
      stepBefore = step;
      const x = best.x + vertex;
      step = x - low < 2 * near || high - x < 2 * near ? withSign(near, middle - best.x) : vertex;
    } else {
      stepBefore = best.x < middle ? high - best.x : low - best.x;
      step = goldenShare * stepBefore;
    }
    const next = evaluate(best.x + (Math.abs(step) >= near ? step : withSign(near, step)));

    if (next.cost <= best.cost) {
      if (next.x >= best.x) low = best.x;
      else high = best.x;
      [third, second, best] = [second, best, next];
      continue;
    }
    if (next.x < best.x) low = next.x;
    else high = next.x;
    if (next.cost <= second.cost || second === best) [third, second] = [second, next];
    else if (next.cost <= third.cost || third === best || third === second) third = next;
  }
}

/** How far from the best of three points the parabola through them turns; NaN or infinite where there is none. */
function vertexOf(best: Point, second: Point, third: Point): number {
  const r = (best.x - second.x) * (best.cost - third.cost);
  const q = (best.x - third.x) * (best.cost - second.cost);
  return ((best.x - third.x) * q - (best.x - second.x) * r) / (2 * (r - q));
}

function withSign(magnitude: number, sign: number): number {
  return sign < 0 ? -magnitude : magnitude;
}
