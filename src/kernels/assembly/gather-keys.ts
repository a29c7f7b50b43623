// Float64 values of tiles become keys (see sort-keys.ts), appended to the run of their slice. NaN is left out.
import { keyOf } from './sort-keys';

@inline
function keysOf(values: v128): v128 {
  return v128.xor(values, i64x2.shr_u(i64x2.shr_s(values, 63), 1));
}

/** Appends `length` values, `step` bytes apart, to the run that ends at `to`; returns its new end. */
@inline
function appendNumbers(x: usize, length: i32, step: usize, to: usize): usize {
  for (let i = 0; i < length; i++) {
    const value = load<f64>(x);
    store<i64>(to, keyOf(reinterpret<i64>(value)));
    to += value == value ? 8 : 0;
    x += step;
  }
  return to;
}

function appendRow(x: usize, length: i32, to: usize): usize {
  const end = x + ((<usize>length) << 3);
  for (; x + 16 <= end; x += 16) {
    v128.store(to, keysOf(v128.load(x)));
    to += 16;
  }
  return appendNumbers(x, <i32>((end - x) >> 3), 8, to);
}

/** Two neighbouring columns, in squares of two by two. */
@inline
function appendColumns(x: usize, length: i32, step: usize, ends: usize): void {
  let to0 = <usize>load<u32>(ends);
  let to1 = <usize>load<u32>(ends, 4);
  let i = 0;
  for (; i + 2 <= length; i += 2) {
    const upper = keysOf(v128.load(x));
    const lower = keysOf(v128.load(x + step));
    v128.store(to0, v128.shuffle<u64>(upper, lower, 0, 2));
    v128.store(to1, v128.shuffle<u64>(upper, lower, 1, 3));
    to0 += 16;
    to1 += 16;
    x += 2 * step;
  }
  store<u32>(ends, <u32>appendNumbers(x, length - i, step, to0));
  store<u32>(ends, <u32>appendNumbers(x + 8, length - i, step, to1), 4);
}

/**
 * Appends `length` values of each of `slices` slices to the slice's run.
 * @param toSlice bytes from slice to slice, 8 where columns are slices
 * @param toNext bytes from one value of a slice to the next, 8 where rows are slices
 * @param ends the u32 addresses where the runs end
 */
export function gather(x: usize, slices: i32, toSlice: usize, length: i32, toNext: usize, hasNan: bool, ends: usize): void {
  let slice = 0;
  if (!hasNan && toSlice == 8) {
    for (; slice + 2 <= slices; slice += 2) {
      appendColumns(x, length, toNext, ends);
      x += 16;
      ends += 8;
    }
  }
  for (; slice < slices; slice++) {
    const to = <usize>load<u32>(ends);
    store<u32>(ends, <u32>(!hasNan && toNext == 8 ? appendRow(x, length, to) : appendNumbers(x, length, toNext, to)));
    x += toSlice;
    ends += 4;
  }
}

/** Appends those of `length` values of one slice whose keys lie in `[low, low + width]`; returns the run's new end. */
export function gather_window(x: usize, length: i32, toNext: usize, low: i64, width: u64, to: usize): usize {
  for (let i = 0; i < length; i++) {
    const value = load<f64>(x);
    const key = keyOf(reinterpret<i64>(value));
    store<i64>(to, key);
    to += value == value && <u64>(key - low) <= width ? 8 : 0;
    x += toNext;
  }
  return to;
}

/**
 * Counts `length` values of one slice in 2^16 buckets of 2^shift keys each, the first of which begins at `low`.
 * @param table 2^16 u32 counters and one more for what falls outside
 */
export function count_keys(x: usize, length: i32, toNext: usize, low: i64, shift: i32, table: usize): void {
  for (let i = 0; i < length; i++) {
    const value = load<f64>(x);
    const bucket = <u64>(keyOf(reinterpret<i64>(value)) - low) >> shift;
    const counter = table + (<usize>(value == value && bucket < 65536 ? bucket : 65536) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
    x += toNext;
  }
}

/** Turns keys back into float64, in place. */
export function values_of_keys(at: usize, count: i32): void {
  const end = at + ((<usize>count) << 3);
  for (; at + 16 <= end; at += 16) v128.store(at, keysOf(v128.load(at)));
  if (at < end) store<i64>(at, keyOf(load<i64>(at)));
}

/** The float64 value of a key. */
export function value_of_key(key: i64): f64 {
  return reinterpret<f64>(keyOf(key));
}
