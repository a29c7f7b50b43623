import type { Runner } from '#pool/task.ts';
import { isSmallText, reserveForJson } from './body-text.ts';
import { measureJsonTask } from './measure.task.ts';

/**
 * Reserves what JSON takes when it is parsed, before it is; a worker measures a large body for that.
 * @returns the text, moved to another buffer if it was measured
 * @throws Problem body_too_large, unavailable
 */
export async function reserveJson(
  text: Uint8Array<ArrayBuffer>,
  limit: number,
  run: Runner,
): Promise<Uint8Array<ArrayBuffer>> {
  if (isSmallText(text.length, limit)) {
    reserveForJson(text.length);
    return text;
  }
  const { body, size } = await run(measureJsonTask, { body: text.buffer, limit });
  reserveForJson(body.byteLength, size);
  return new Uint8Array(body);
}
