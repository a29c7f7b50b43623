import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import { type SharedSource, toSharedSource } from '#tensor/source.ts';

/** Maximum values to compare in pairs, unless one sample has more. */
const maxSamples = 2 ** 16;

/** Samples with more values than this are not compared. */
const maxSampleLength = 2 ** 20;

/**
 * All samples of a small tensor; evenly spaced samples of a large one, starting with the first.
 * @returns undefined if one sample is already too long
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
