// Order statistics of float64 values kept as keys (see sort-keys.ts): a radix selection. A slice is narrowed
// level by level, each with a table of counters over the range of its keys, to the few keys that share a bucket with a
// wanted rank.
import { keyOf } from './sort-keys';

/** Bits of the table of a long segment: 2^13 counters of 4 bytes stay in the first-level cache. */
const MOST_BITS: i64 = 13;

const counters = memory.data(4 << 13, 16);

/** Segments up to this are sorted. */
const FEW: u32 = 64;

const sorted = memory.data(8 * 64, 16);

/** The key of a NaN, which no slice holds. */
const NO_KEY = i64.MAX_VALUE;

/** A segment still to be narrowed: fields of a job, each a u32, in bytes. */
const JOB_BYTES: usize = 24;
const AT: usize = 0; // address of its keys
const COUNT: usize = 4; // how many
const BASE: usize = 8; // the rank of its least key
const FIRST: usize = 12; // the wanted ranks within it, as indexes [first, last)
const LAST: usize = 16;
const BUCKET: usize = 20; // its bucket in the segment before

@inline
function keyAt(at: usize, index: u32): i64 {
  return load<i64>(at + ((<usize>index) << 3));
}

@inline
function rankAt(ranks: usize, index: u32): u32 {
  return load<u32>(ranks + ((<usize>index) << 2));
}

@inline
function putResult(to: usize, index: u32, key: i64): void {
  store<i64>(to + ((<usize>index) << 3), keyOf(key));
}

/**
 * Sorts a few keys to `sorted` by counting for each how many are less: quadratic, but no branch depends on the keys, and
 * a mispredicted one costs as much as comparing a dozen pairs.
 */
function sortFew(at: usize, count: u32): void {
  const end = at + ((<usize>count) << 3);
  const lastPair = end - 8;
  for (let i: u32 = 0; i < count; i++) store<i64>(sorted + ((<usize>i) << 3), NO_KEY);
  for (let from = at; from < end; from += 8) {
    const key = load<i64>(from);
    const pair = i64x2.splat(key);
    let less = i64x2.splat(0);
    let other = at;
    for (; other < lastPair; other += 16) less = i64x2.sub(less, i64x2.gt_s(pair, v128.load(other)));
    let place = i64x2.extract_lane(less, 0) + i64x2.extract_lane(less, 1);
    if (other < end) place += <i64>(load<i64>(other) < key);
    store<i64>(sorted + (<usize>place << 3), key);
  }
  // Equal keys share the first of their places, so the gaps after it are filled.
  let last = load<i64>(sorted);
  for (let i: u32 = 1; i < count; i++) {
    const key = keyAt(sorted, i);
    last = key == NO_KEY ? last : key;
    store<i64>(sorted + ((<usize>i) << 3), last);
  }
}

@inline
function bucketOf(key: i64, least: i64, shift: i64): usize {
  return <usize>(<u64>(key - least) >> shift);
}

/**
 * Finds the keys at `wanted` ranks among `count` keys and stores them as float64 to `to`. The keys are reordered.
 *
 * Every level costs three passes and leaves at most a bucket per wanted rank; it takes as many bits off the keys' range
 * as the table has, so that no input needs more than 64 / bits levels, and one of equal keys none.
 * @param ranks u32, increasing, all below `count`
 * @param jobs room for 24 bytes per wanted rank
 */
export function select(at: usize, count: u32, ranks: usize, wanted: u32, jobs: usize, to: usize): void {
  if (wanted == 0) return;
  let top = pushJob(jobs, <u32>at, count, 0, 0, wanted, 0);
  while (top > jobs) {
    top -= JOB_BYTES;
    if (load<u32>(top, COUNT) <= FEW) finish(top, ranks, to);
    else top = narrow(top, ranks, to);
  }
}

@inline
function pushJob(job: usize, at: u32, count: u32, base: u32, first: u32, last: u32, bucket: u32): usize {
  store<u32>(job, at, AT);
  store<u32>(job, count, COUNT);
  store<u32>(job, base, BASE);
  store<u32>(job, first, FIRST);
  store<u32>(job, last, LAST);
  store<u32>(job, bucket, BUCKET);
  return job + JOB_BYTES;
}

function finish(job: usize, ranks: usize, to: usize): void {
  const at = <usize>load<u32>(job, AT);
  const base = load<u32>(job, BASE);
  const last = load<u32>(job, LAST);
  sortFew(at, load<u32>(job, COUNT));
  for (let index = load<u32>(job, FIRST); index < last; index++) {
    putResult(to, index, keyAt(sorted, rankAt(ranks, index) - base));
  }
}

/** Takes a job and puts one in its place for each bucket with a wanted rank; returns where the jobs then end. */
function narrow(job: usize, ranks: usize, to: usize): usize {
  const at = <usize>load<u32>(job, AT);
  const count = load<u32>(job, COUNT);
  const end = at + ((<usize>count) << 3);
  let least = load<i64>(at);
  let most = least;
  for (let from = at + 8; from < end; from += 8) {
    const key = load<i64>(from);
    least = key < least ? key : least;
    most = key > most ? key : most;
  }
  if (least == most) {
    const last = load<u32>(job, LAST);
    for (let index = load<u32>(job, FIRST); index < last; index++) putResult(to, index, least);
    return job;
  }
  const bits = min<i64>(MOST_BITS, 30 - clz<u32>(count));
  const shift = max<i64>(0, 64 - clz<i64>(most - least) - bits);
  const buckets = <u32>bucketOf(most, least, shift) + 1;
  countKeys(at, end, least, shift, buckets);
  const top = divideJob(job, ranks, buckets);
  moveWantedToFront(at, end, least, shift);
  if (top > job + JOB_BYTES) separate(job, top, least, shift);
  return top;
}

function countKeys(at: usize, end: usize, least: i64, shift: i64, buckets: u32): void {
  memory.fill(counters, 0, (<usize>buckets) << 2);
  for (; at < end; at += 8) {
    const counter = counters + (bucketOf(load<i64>(at), least, shift) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
}

/** A bucket's count; what remains in the table is where its keys go, 0 for nowhere. */
@inline
function takeCount(bucket: u32): u32 {
  const counter = counters + ((<usize>bucket) << 2);
  const count = load<u32>(counter);
  store<u32>(counter, 0);
  return count;
}

/** Puts jobs in the place of one whose keys are counted, and where their keys go in place of the counts. */
function divideJob(job: usize, ranks: usize, buckets: u32): usize {
  const last = load<u32>(job, LAST);
  let index = load<u32>(job, FIRST);
  let front = load<u32>(job, AT);
  let rank = load<u32>(job, BASE);
  let bucket: u32 = 0;
  while (index < last) {
    let count = takeCount(bucket);
    while (rank + count <= rankAt(ranks, index)) {
      rank += count;
      count = takeCount(++bucket);
    }
    const first = index;
    while (index < last && rankAt(ranks, index) < rank + count) index++;
    job = pushJob(job, front, count, rank, first, index, bucket);
    store<u32>(counters + ((<usize>bucket) << 2), front);
    front += count << 3;
    rank += count;
    bucket++;
  }
  if (bucket < buckets) memory.fill(counters + ((<usize>bucket) << 2), 0, (<usize>(buckets - bucket)) << 2);
  return job;
}

/** In place: what is written lies at or before what is read. */
function moveWantedToFront(at: usize, end: usize, least: i64, shift: i64): void {
  let front = at;
  for (; at < end; at += 8) {
    const key = load<i64>(at);
    store<i64>(front, key);
    front += load<u32>(counters + (bucketOf(key, least, shift) << 2)) ? 8 : 0;
  }
}

/** Brings the keys of each job together, following the cycles of the permutation (McIlroy, Bostic, McIlroy 1993). */
function separate(job: usize, top: usize, least: i64, shift: i64): void {
  for (; job < top; job += JOB_BYTES) {
    const home = counters + ((<usize>load<u32>(job, BUCKET)) << 2);
    const end = <usize>load<u32>(job, AT) + ((<usize>load<u32>(job, COUNT)) << 3);
    for (let hole = <usize>load<u32>(home); hole < end; hole += 8) {
      let key = load<i64>(hole);
      for (;;) {
        const counter = counters + (bucketOf(key, least, shift) << 2);
        if (counter == home) break;
        const place = <usize>load<u32>(counter);
        const next = load<i64>(place);
        store<i64>(place, key);
        store<u32>(counter, <u32>place + 8);
        key = next;
      }
      store<i64>(hole, key);
    }
  }
}
