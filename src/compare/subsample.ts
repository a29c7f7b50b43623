import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import { type SharedSource, toSharedSource } from '#tensor/source.ts';

/** Values that are compared pair by pair at most, unless one sample has more. */
const maxSamples = 2 ** 16;

/** Values of one sample beyond which nothing is compared pair by pair. */
const maxSampleLength = 2 ** 20;

/**
 * All samples of a small tensor; of a large one some, evenly taken from the first on.
 * @returns undefined where even one sample is too long
 */
export function subsample(source: SharedSource): SharedSource | undefined {
  const { dtype, shape } = source;
  const [samples = 1, ...rest] = shape;
  const length = elementCount(rest);
  if (samples * length <= maxSamples) return source;
  if (length > maxSampleLength) return undefined;
  const picked = Math.max(1, Math.floor(maxSamples / length));
  const sampleBytes = length * itemSize(dtype);
  const from = new Uint8Array(source.buffer);
  const shared = new SharedArrayBuffer(picked * sampleBytes);
  const to = new Uint8Array(shared);
  for (let at = 0; at < picked; at++) {
    const start = Math.floor((at * samples) / picked) * sampleBytes;
    to.set(from.subarray(start, start + sampleBytes), at * sampleBytes);
  }
  return toSharedSource({ ...source, shape: [picked, ...rest] }, shared);
}
