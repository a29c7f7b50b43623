import { moments } from './moments.ts';
import { field, type State } from './reduction.ts';

/** Skewness and (Pearson's) kurtosis of each slice, from a state of `moments`. */
export function tailsOf(state: State): { skewness: Float64Array; kurtosis: Float64Array } {
  const [count, m2, m3, m4] = ['count', 'm2', 'm3', 'm4'].map((name) => field(moments, state, name));
  return {
    skewness: m3.map((sum, at) => sum / count[at] / (m2[at] / count[at]) ** 1.5),
    kurtosis: m4.map((sum, at) => sum / count[at] / (m2[at] / count[at]) ** 2),
  };
}
