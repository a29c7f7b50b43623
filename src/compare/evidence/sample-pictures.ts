import type { SharedMatrix } from './steps.ts';

/** Samples that are shown. */
const shownSamples = 4;

/** The longest side of an image that is shown. */
const maxSide = 128;

/** How samples are images. */
export interface ImageShape {
  height: number;
  width: number;
  /** 1, or 3 side by side. */
  channels: number;
}

/** Whether samples of a shape are images of one channel or three: [n, h, w], [n, h, w, 1] or [n, h, w, 3]. */
export function imageShapeOf([, ...sample]: readonly number[]): ImageShape | undefined {
  const [height = 0, width = 0, channels = 1] = sample;
  if (sample.length < 2 || sample.length > 3 || (channels !== 1 && channels !== 3)) return undefined;
  if (Math.min(height, width) < 4 || Math.max(height, width) > maxSide) return undefined;
  return { height, width, channels };
}

/** The rows that are shown: evenly taken. */
export function shownRows(rows: number): number[] {
  const count = Math.min(shownSamples, rows);
  return Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/** The values of the samples that are shown. */
export function takePictures({ buffer, rows, columns }: SharedMatrix): Float32Array[] {
  const values = new Float64Array(buffer);
  return shownRows(rows).map((row) => Float32Array.from(values.subarray(row * columns, (row + 1) * columns)));
}
