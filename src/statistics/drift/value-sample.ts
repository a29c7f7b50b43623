import { doublesAt, allocate, withScratch } from '#kernels/kernels.ts';
import type { View } from '#kernels/view.ts';
import { eachTile, type Layout, tileCapacity } from '#tensor/layout.ts';
import { loadTile } from '#statistics/reduce-block.ts';

/** Values picked from a tensor, each with its slice and with what decided about it; NaN is never picked. */
export interface ValueSample {
  values: Float64Array<ArrayBuffer>;
  slices: Uint32Array<ArrayBuffer>;
  /** A value is in a sample of threshold t where its hash is below t. */
  hashes: Uint32Array<ArrayBuffer>;
}

/** The threshold under which every value is picked. */
export const pickAll = 2 ** 32;

/** The threshold for about `wanted` of `total` values. */
export function thresholdFor(wanted: number, total: number): number {
  return total <= wanted ? pickAll : Math.floor((wanted / total) * pickAll);
}

/**
 * Picks values of a block at random places, which the places alone decide: the same array gives the same sample, however it
 * is cut into blocks.
 */
export function pickValues(view: View, layout: Layout, threshold: number): ValueSample {
  const expected = Math.ceil((view.count * threshold) / pickAll);
  const room =
    threshold === pickAll ? view.count : Math.min(view.count, expected + 8 * Math.ceil(Math.sqrt(expected)) + 64);
  let sample = emptySample(room);
  let picked = 0;
  withScratch(() => {
    const x = allocate(tileCapacity * 8);
    eachTile(layout, view.offset, view.count, (tile) => {
      loadTile(view, tile, x, 0);
      const values = doublesAt(x, tile.rows * tile.columns);
      for (let row = 0, at = 0; row < tile.rows; row++) {
        const first = view.offset + tile.offset + row * tile.stride;
        for (let column = 0; column < tile.columns; column++, at++) {
          const mixed = hash(first + column);
          if (mixed >= threshold || Number.isNaN(values[at])) continue;
          if (picked === sample.values.length) sample = grow(sample, view.count);
          sample.values[picked] = values[at];
          sample.slices[picked] = tile.slice + (layout.rowIsSlice ? row : column);
          sample.hashes[picked++] = mixed;
        }
      }
    });
  });
  return cut(sample, picked);
}

/** Samples one after the other as one, thinned to `threshold`. */
export function joinSamples(samples: readonly ValueSample[], threshold: number): ValueSample {
  const joined = emptySample(samples.reduce((sum, { values }) => sum + values.length, 0));
  let count = 0;
  for (const { values, slices, hashes } of samples) {
    for (let at = 0; at < values.length; at++) {
      if (hashes[at] >= threshold) continue;
      joined.values[count] = values[at];
      joined.slices[count] = slices[at];
      joined.hashes[count++] = hashes[at];
    }
  }
  return cut(joined, count);
}

/** The values of each slice, ascending. */
export function sortSamples({ values, slices }: ValueSample, count: number): Float64Array[] {
  const ends = new Uint32Array(count + 1);
  for (const slice of slices) ends[slice + 1]++;
  for (let slice = 0; slice < count; slice++) ends[slice + 1] += ends[slice];
  const next = ends.slice();
  const grouped = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) grouped[next[slices[at]]++] = values[at];
  return Array.from({ length: count }, (_, slice) => grouped.subarray(ends[slice], ends[slice + 1]).sort());
}

function emptySample(room: number): ValueSample {
  return { values: new Float64Array(room), slices: new Uint32Array(room), hashes: new Uint32Array(room) };
}

function grow(sample: ValueSample, most: number): ValueSample {
  const larger = emptySample(Math.min(most, 2 * sample.values.length + 64));
  larger.values.set(sample.values);
  larger.slices.set(sample.slices);
  larger.hashes.set(sample.hashes);
  return larger;
}

function cut({ values, slices, hashes }: ValueSample, count: number): ValueSample {
  if (count === values.length) return { values, slices, hashes };
  return { values: values.slice(0, count), slices: slices.slice(0, count), hashes: hashes.slice(0, count) };
}

/** 32 mixed bits of a place below 2^53, by MurmurHash3's finalizer (Appleby 2011). */
function hash(place: number): number {
  let mixed = Math.imul(place | 0, 0x9e3779b1) + Math.imul((place / pickAll) | 0, 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
