import { isUtf8 } from 'node:buffer';
import { Problem } from '#errors.ts';
import { viewAs } from '#tables/typed-arrays.ts';
import { broken } from './decode-message.ts';
import { quote } from '#errors.ts';

/** Offsets are 32 bits wide once they are read. */
const maxTextBytes = 2 ** 31 - 1;

/**
 * Where each of `length` values begins, and where the last one ends. They never decrease.
 * @throws Problem broken_body
 */
export function readOffsets(bytes: Uint8Array, length: number, name: string): Int32Array<ArrayBuffer> {
  if (length === 0) return new Int32Array(1);
  if (bytes.length < 4 * (length + 1)) throw tooFew(bytes, length, name);
  return checkOrder(viewAs('int32', bytes, length + 1).slice(), name);
}

/**
 * The same, of 64-bit offsets.
 * @throws Problem broken_body; body_too_large for 2 GiB of text in one batch
 */
export function readLargeOffsets(bytes: Uint8Array, length: number, name: string): Int32Array<ArrayBuffer> {
  if (length === 0) return new Int32Array(1);
  if (bytes.length < 8 * (length + 1)) throw tooFew(bytes, length, name);
  const words = viewAs('uint32', bytes, 2 * (length + 1));
  const offsets = new Int32Array(length + 1);
  for (let row = 0; row <= length; row++) {
    const [low, high] = [words[2 * row], words[2 * row + 1]];
    if (high !== 0 || low > maxTextBytes) throw tooMuchText(name);
    offsets[row] = low;
  }
  return checkOrder(offsets, name);
}

function checkOrder(offsets: Int32Array<ArrayBuffer>, name: string): Int32Array<ArrayBuffer> {
  let isOrdered = offsets[0] >= 0;
  for (let row = 1; row < offsets.length; row++) isOrdered &&= offsets[row] >= offsets[row - 1];
  if (isOrdered) return offsets;
  throw broken(`the offsets of column ${quote(name)} decrease`);
}

/** @throws Problem broken_body where text is not UTF-8, which is passed on unread */
export function checkText(data: Uint8Array, name: string): void {
  if (!isUtf8(data)) throw broken(`column ${quote(name)} is not UTF-8`);
}

export function tooMuchText(name: string): Problem {
  return new Problem(
    'body_too_large',
    `Column ${quote(name)} has more than 2 GiB of text in one record batch; write smaller ones.`,
  );
}

function tooFew(bytes: Uint8Array, length: number, name: string): Problem {
  return broken(`column ${quote(name)} has ${bytes.length} bytes of offsets for ${length} values`);
}
