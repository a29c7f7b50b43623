/** Outputs that differ by no more than this in any element count as the same. */
const tolerance = 1e-12;

/** Neighbours a sample is compared with at most, so that hostile data cost no more than honest ones. */
const maxNeighbours = 256;

/**
 * How many samples differed from another one and no longer do: 2 for (3, 5) and (6, 10) under any norm.
 *
 * Samples whose outputs agree have nearly the same weighted sum, so only neighbours by that sum are compared.
 * @param inputs `samples · length` values, sample after sample
 * @param outputs the same, as they are returned
 */
export function countIndistinguishable(inputs: Float64Array, outputs: Float64Array, samples: number): number {
  const length = inputs.length / samples;
  const sums = new Float64Array(samples);
  const weights = Float64Array.from({ length }, (_, at) => 1 + ((at * 0.6180339887498949) % 1));
  for (let sample = 0, at = 0; sample < samples; sample++) {
    for (let element = 0; element < length; element++, at++) {
      if (Number.isFinite(outputs[at])) sums[sample] += weights[element] * outputs[at];
    }
  }
  const order = Uint32Array.from({ length: samples }, (_, at) => at).sort((a, b) => sums[a] - sums[b] || a - b);
  // Equal samples stand side by side: each run of them is compared once, and counted as often as it is long.
  const distinct: number[] = [];
  const copies: number[] = [];
  for (const sample of order) {
    if (distinct.length > 0 && same(inputs, length, sample, distinct[distinct.length - 1], 0))
      copies[copies.length - 1]++;
    else {
      distinct.push(sample);
      copies.push(1);
    }
  }
  const lost = new Uint8Array(distinct.length);
  const reach = 2 * length * tolerance;
  for (let at = 0; at < distinct.length; at++) {
    const last = Math.min(at + maxNeighbours, distinct.length - 1);
    for (let next = at + 1; next <= last && sums[distinct[next]] - sums[distinct[at]] <= reach; next++) {
      if (lost[at] && lost[next]) continue;
      // Outputs that are all NaN tell nothing of scale.
      if (!hasNumber(outputs, length, distinct[at])) continue;
      if (!same(outputs, length, distinct[at], distinct[next], tolerance)) continue;
      if (same(inputs, length, distinct[at], distinct[next], 0)) continue;
      lost[at] = 1;
      lost[next] = 1;
    }
  }
  return copies.reduce((count, copied, at) => (lost[at] ? count + copied : count), 0);
}

function same(values: Float64Array, length: number, one: number, other: number, within: number): boolean {
  for (let element = 0; element < length; element++) {
    const a = values[one * length + element];
    const b = values[other * length + element];
    if (!(Math.abs(a - b) <= within) && a !== b && !(Number.isNaN(a) && Number.isNaN(b))) return false;
  }
  return true;
}

function hasNumber(values: Float64Array, length: number, sample: number): boolean {
  return values.subarray(sample * length, (sample + 1) * length).some((value) => !Number.isNaN(value));
}
