import { problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { bytesOfSketches, packBytes, type PackedSketches } from '#statistics/packed-sketches.ts';
import { sketchFromBytes } from '#statistics/quantile-sketch.ts';
import { emptyState, type Reduction, type State, stateLength } from '#statistics/reduction.ts';

/** The version of `state` that is written. Older versions are still read. */
export const stateVersion = 1;

/** The state of each reduction by name, and the sketches of all slices, as base64 of their little-endian bytes. */
export function stateToJson(
  reductions: readonly Reduction[],
  states: readonly State[] | undefined,
  sketches: Fitted['sketches'],
) {
  const members = (states ?? []).map(({ values }, at) => [reductions[at].name, toBase64(values)]);
  const encoded = sketches && bytesOfSketches(sketches).map(toBase64);
  return { ...Object.fromEntries(members), ...(encoded ? { sketches: encoded } : {}) };
}

/** @throws Problem invalid_request */
export function readState(
  reductions: readonly Reduction[],
  state: Record<string, unknown>,
  slices: number,
  pointer: string,
): State[] {
  return reductions.map((reduction) => {
    const { name, addedFields = 0 } = reduction;
    const bytes = fromBase64(state[name]);
    const length = stateLength(reduction, slices) * 8;
    if (bytes.length === length) return { from: 0, slices, values: new Float64Array(bytes.buffer) };
    if (bytes.length !== length - addedFields * slices * 8)
      throw problemAt('invalid_request', `${pointer}/${name}`, 'This is not the state that was returned.');
    const whole = emptyState(reduction, 0, slices);
    whole.values.set(new Float64Array(bytes.buffer));
    return whole;
  });
}

/** @throws Problem invalid_request */
export function readSketches(sketches: unknown, slices: number, pointer: string): PackedSketches {
  if (!Array.isArray(sketches) || sketches.length !== slices)
    throw problemAt('invalid_request', pointer, `Expected one sketch for each of ${slices} slices.`);
  const pieces = sketches.map((sketch, at) => {
    const bytes = fromBase64(sketch);
    try {
      sketchFromBytes(bytes);
    } catch {
      throw problemAt(
        'invalid_request',
        `${pointer}/${at}`,
        'The sketch is corrupt; send it back exactly as it was returned.',
      );
    }
    return bytes;
  });
  return packBytes(pieces);
}

function toBase64({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** Decodes base64 into a buffer of its own. */
function fromBase64(text: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(typeof text === 'string' ? text : '', 'base64'));
}
