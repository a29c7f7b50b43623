import * as z from 'zod';
import { problemAt } from '#errors.ts';
import { describeReductions } from '#statistics/describe.ts';
import { type CdfSketch, cdfSketchFromBytes, cdfSketchToBytes } from '#statistics/drift/cdf-sketch.ts';
import { binsOf, describeProfile, type Profile } from '#statistics/drift/profile.ts';
import type { State } from '#statistics/reduction.ts';
import { nestedList } from './format-tensor.ts';
import { collapseIfUniform } from './statistics.ts';

const perSlice = z.unknown().meta({ description: 'One value per slice, as parameters have it.' });

const lists = z.array(z.array(z.number().nullable()));

/** What the data of a fit were like. It is read from `state`, and this is for people. */
export const ProfileDocument = z
  .object({
    count: perSlice.meta({ description: 'Values that are not NaN.' }),
    nan_share: perSlice,
    zero_share: perSlice,
    mean: perSlice,
    variance: perSlice.meta({ description: 'Divided by the count.' }),
    min: perSlice,
    max: perSlice,
    deciles: lists.meta({
      description: 'Of each slice, those that differ: bins end with them, and the last with max.',
    }),
    shares: lists.meta({ description: 'Of the values of each slice, in each bin.' }),
  })
  .meta({ id: 'Profile', description: 'What the data were like, per slice, for comparing others with them.' });

/** @param shape of one value per slice */
export function profileToJson(profile: Profile, shape: readonly number[]): z.output<typeof ProfileDocument> {
  const { nobs, nan_count: nan, zero_count: zeros, mean, variance, min, max } = describeProfile(profile);
  const list = (values: Float64Array) => nestedList(values, shape);
  const bins = profile.sketches.map((sketch, slice) => binsOf(sketch, max[slice]));
  return {
    count: collapseIfUniform(nobs, shape),
    nan_share: list(nan.map((count, at) => count / (count + nobs[at]))),
    zero_share: list(zeros.map((count, at) => count / nobs[at])),
    mean: list(mean),
    variance: list(variance),
    min: list(min),
    max: list(max),
    deciles: bins.map(({ edges }) => edges.map((edge) => (Number.isFinite(edge) ? edge : null))),
    shares: bins.map(({ shares }) => shares),
  };
}

/** What `state.profile` holds: what a profile can be read back and merged from. */
export function profileState({ states, sketches }: Profile) {
  return {
    ...Object.fromEntries(describeReductions.map(({ name }, at) => [name, toBase64(states[at].values)])),
    sketches: sketches.map((sketch) => toBase64(cdfSketchToBytes(sketch))),
  };
}

/** @throws Problem invalid_request for what `profileState` did not give */
export function readProfile(state: unknown, slices: number, pointer: string): Profile {
  const given = state as Record<string, unknown>;
  const states = describeReductions.map(({ name, fields }): State => {
    const bytes = fromBase64(given?.[name]);
    if (bytes.length !== fields.length * slices * 8) throw misfit(`${pointer}/${name}`);
    return { from: 0, slices, values: new Float64Array(bytes.buffer) };
  });
  const { sketches } = given;
  if (!Array.isArray(sketches) || sketches.length !== slices) throw misfit(`${pointer}/sketches`);
  return { states, sketches: sketches.map((sketch, at) => readSketch(sketch, `${pointer}/sketches/${at}`)) };
}

function readSketch(sketch: unknown, pointer: string): CdfSketch {
  try {
    return cdfSketchFromBytes(fromBase64(sketch));
  } catch {
    throw misfit(pointer);
  }
}

function toBase64({ buffer, byteOffset, byteLength }: Uint8Array | Float64Array): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');
}

function fromBase64(text: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(typeof text === 'string' ? text : '', 'base64'));
}

function misfit(pointer: string) {
  return problemAt('invalid_request', pointer, 'This is not the profile that was returned.');
}
