// Reductions of rows of uint8, without turning them into float64 first. Sums of whole numbers this small are exact in any
// order and in any type that holds them, so the states have the bits that float64 tiles give. A tile is short enough for
// lanes of 32 bits. Bytes are finite, so that these are always true.
import { addExtent } from './extent';
import { addTile } from './moments-state';
import { mergeSum } from './power-sums';

const room = memory.data(32, 16);

/** What makes a word without a sign one with a sign, 32768 less; and the low word of two. In memory, because V8 builds a constant vector anew wherever it is used. */
const constants = memory.data<u32>([0x80008000, 0xffff], 16);

/** Vectors after which lanes are emptied into wider ones: of 16 bits that take 510 at once, and of 32 that take 2^24. */
const LOOKS = 128;
const CUBES = 64;

/** What a row of bytes shows at first sight. */
let sum: u64 = 0;
let zeros: i32 = 0;
let least: i32 = 255;
let most: i32 = 0;

@inline
function lanes32(x: v128): i64 {
  return <i64>i32x4.extract_lane(x, 0) + <i64>i32x4.extract_lane(x, 1) + <i64>i32x4.extract_lane(x, 2)
    + <i64>i32x4.extract_lane(x, 3);
}

function look(x: usize, count: i32): void {
  const none = i8x16.splat(0);
  let low = i8x16.splat(-1), high = none, sums = none, zero = none;
  const end = x + <usize>count;
  while (x + 16 <= end) {
    let someSums = none, someZeros = none;
    for (const until = min(x + 16 * LOOKS, end); x + 16 <= until; x += 16) {
      const bytes = v128.load(x);
      low = i8x16.min_u(low, bytes);
      high = i8x16.max_u(high, bytes);
      someSums = i16x8.add(someSums, i16x8.extadd_pairwise_i8x16_u(bytes));
      someZeros = i8x16.sub(someZeros, i8x16.eq(bytes, none));
    }
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(someSums));
    zero = i32x4.add(zero, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(someZeros)));
  }
  sum = lanes32(sums);
  zeros = <i32>lanes32(zero);
  least = 255;
  most = 0;
  v128.store(room, low);
  v128.store(room, high, 16);
  for (let lane: usize = 0; lane < 16; lane++) {
    least = min(least, <i32>load<u8>(room + lane));
    most = max(most, <i32>load<u8>(room + lane, 16));
  }
  for (; x < end; x++) {
    const byte = <i32>load<u8>(x);
    sum += byte;
    zeros += byte == 0 ? 1 : 0;
    least = min(least, byte);
    most = max(most, byte);
  }
}

/** As `extent`, for rows that are slices. */
export function byte_extent(
  x: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  rowIsSlice: bool,
  state: usize,
  field: usize,
): bool {
  if (!rowIsSlice) return false;
  for (let row = 0; row < rows; row++) {
    look(x, columns);
    addExtent(state, field, columns, 0, zeros, least, most);
    x += stride;
    state += 8;
  }
  return true;
}

function squaresOf(x: usize, count: i32): f64 {
  let squares = i32x4.splat(0);
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const bytes = v128.load(x + i);
    const low = i16x8.extend_low_i8x16_u(bytes), high = i16x8.extend_high_i8x16_u(bytes);
    squares = i32x4.add(squares, i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high)));
  }
  let sum = lanes32(squares);
  for (; i < count; i++) {
    const byte = <i64>load<u8>(x + i);
    sum += byte * byte;
  }
  return <f64>sum;
}

/** As `power_sum` for p = 1 and 2 and rows that are slices. */
export function byte_power_sum(
  x: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  rowIsSlice: bool,
  p: f64,
  state: usize,
  field: usize,
): bool {
  if (!rowIsSlice) return false;
  for (let row = 0; row < rows; row++) {
    let powers: f64;
    if (p == 2) powers = squaresOf(x, columns);
    else {
      look(x, columns);
      powers = <f64>sum;
    }
    mergeSum(state, field, columns, 0, 0, powers, p);
    x += stride;
    state += 8;
  }
  return true;
}

function momentsOfBytes(x: usize, count: i32, state: usize, field: usize): void {
  look(x, count);
  const near = <i32>nearest(<f64>sum / <f64>count);
  const middle = i16x8.splat(<i16>near);
  const sign = v128.load_splat<u32>(constants), lowWord = v128.load_splat<u32>(constants, 4);
  // A square is a word without a sign, and products are of words with one: so of the square less 32768, which is q.
  let squares = i32x4.splat(0), qqLow = squares, qqHigh = squares;
  let dq: i64 = 0;
  let i = 0;
  while (i + 8 <= count) {
    let someDq = i32x4.splat(0);
    for (const until = min(i + 8 * CUBES, count); i + 8 <= until; i += 8) {
      const d = i16x8.sub(v128.load_ext<u8>(x + i), middle);
      const q = v128.xor(i16x8.mul(d, d), sign);
      const qq = i32x4.dot_i16x8_s(q, q);
      squares = i32x4.add(squares, i32x4.dot_i16x8_s(d, d));
      someDq = i32x4.add(someDq, i32x4.dot_i16x8_s(d, q));
      qqLow = i32x4.add(qqLow, v128.and(qq, lowWord));
      qqHigh = i32x4.add(qqHigh, i32x4.shr_u(qq, 16));
    }
    dq += lanes32(someDq);
  }
  const s1 = <i64>sum - <i64>near * <i64>count;
  let t1: i64 = 0, t2: i64 = 0, t3: i64 = 0, t4: i64 = 0;
  const whole = <i64>i;
  for (; i < count; i++) {
    const d = <i64>load<u8>(x + i) - near;
    t1 += d;
    t2 += d * d;
    t3 += d * d * d;
    t4 += d * d * d * d;
  }
  const wholeSquares = lanes32(squares);
  const s2 = wholeSquares + t2;
  const s3 = dq + ((s1 - t1) << 15) + t3;
  const s4 = (lanes32(qqHigh) << 16) + lanes32(qqLow) + (wholeSquares << 16) - (whole << 30) + t4;
  addTile(state, field, count, near, <f64>s1, <f64>s2, <f64>s3, <f64>s4);
}

/**
 * As `moments`, for rows that are slices: sums of powers of the differences to the whole number next to the mean, which is
 * what `moments` takes, too, for values that are bytes.
 */
export function byte_moments(
  x: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  rowIsSlice: bool,
  state: usize,
  field: usize,
): bool {
  if (!rowIsSlice) return false;
  for (let row = 0; row < rows; row++) {
    momentsOfBytes(x, columns, state, field);
    x += stride;
    state += 8;
  }
  return true;
}
