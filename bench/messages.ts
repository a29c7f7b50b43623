import { images, pixelsPerImage, randomRows, toNpy } from './data.ts';
import type { Message } from './send-request.ts';
import type { Bench } from './scenario.ts';

/** A message but for whom it is sent to. */
export type Body = Omit<Message, 'path'>;

export const npy = 'application/x-npy';
export const json = 'application/json';

/** L2 per image, which comes back as float32. */
export const l2PerImage = '/v1/normalize?method=norm&axis=-1&output_dtype=float32';

/** MNIST's images as npy, for an answer of as many float32. */
export function imagesForFloats({ pixels }: Bench): Body {
  return { type: npy, accept: npy, body: toNpy(pixels()), answerAtLeast: 4 * images * pixelsPerImage };
}

/** Nested lists of doubles and their L2 per row, for the data alone. */
export function l2OfJson(rows: number, columns: number): Body {
  const data = randomRows(rows, columns);
  const body = JSON.stringify({ normalizer: { method: 'norm' }, include: ['data'], data });
  return { type: json, body: Buffer.from(body), answerAtLeast: body.length / 2 };
}
