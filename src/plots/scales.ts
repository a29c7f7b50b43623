import { max } from 'd3-array';
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale';
import type { Distribution } from './distribution.ts';

/** One bar is this many times the next one, or bars are this many times less than the highest: too little to see. */
const dwarfed = { byOne: 10, byMost: 100 };

/** Counts up to this are drawn on a linear axis, whatever they are. */
const few = 100;

/** What there is above the highest bar, as a factor of it. */
const headroom = { linear: 1.06, log: 1.8 };

/** Where the logarithmic axis begins: a count of 1 has a height. */
const below = 0.5;

/** The axis of counts that all plots of one picture share, so that they compare. */
export interface CountScale {
  isLog: boolean;
  scale: ScaleContinuousNumeric<number, number>;
  ticks: number[];
}

/** @param height of the tallest bar; counts are drawn upwards from it */
export function countScale(distributions: readonly Distribution[], height: number): CountScale {
  const all = distributions.flatMap(({ histogram }) => (histogram ? [Array.from(histogram.counts)] : []));
  const highest = max(all, (counts) => max(counts)) ?? 1;
  if (!all.some(hasDwarfs)) {
    const scale = scaleLinear([0, highest * headroom.linear], [height, 0]);
    return { isLog: false, scale, ticks: scale.ticks(4).filter(Number.isInteger) };
  }
  const scale = scaleLog([below, highest * headroom.log], [height, 0]).clamp(true);
  const decades = Array.from({ length: Math.floor(Math.log10(highest)) + 1 }, (_, at) => 10 ** at);
  const step = Math.ceil(decades.length / 5);
  return { isLog: true, scale, ticks: decades.filter((_, at) => at % step === 0) };
}

/** Whether a linear axis would hide what there is beside the highest bars. */
function hasDwarfs(counts: readonly number[]): boolean {
  const [highest = 0, second = 0, ...rest] = counts.filter((count) => count > 0).sort((a, b) => b - a);
  if (highest <= few || second === 0) return false;
  const hidden = rest.filter((count) => count < highest / dwarfed.byMost).length;
  return highest > second * dwarfed.byOne || hidden > rest.length / 2;
}
