// Reductions of rows of uint8, without turning them into float64 first. Sums of whole numbers this small are exact in any
// order and in any type that holds them, so the states have the bits that float64 tiles give. A tile is short enough for
// lanes of 32 bits. Bytes are finite, so that these are always true.
import { addExtent } from './extent';
import { addTile } from './moments-state';
import { mergeSum } from './norms';

const room = memory.data(32, 16);

/** The low byte of a word. In memory, because V8 builds a constant vector anew wherever it is used. */
const constants = memory.data<u16>([255], 16);

/** What a row of bytes shows at first sight. */
let sum: u64 = 0;
let zeros: i32 = 0;
let least: i32 = 255;
let most: i32 = 0;

@inline
function sumOf(bytes: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
}

@inline
function lanes32(x: v128): i64 {
  return <i64>i32x4.extract_lane(x, 0) + <i64>i32x4.extract_lane(x, 1) + <i64>i32x4.extract_lane(x, 2)
    + <i64>i32x4.extract_lane(x, 3);
}

function look(x: usize, count: i32): void {
  const none = i8x16.splat(0);
  let low = i8x16.splat(-1), high = none, sums = none, zero = none;
  const end = x + <usize>count;
  for (; x + 16 <= end; x += 16) {
    const bytes = v128.load(x);
    low = i8x16.min_u(low, bytes);
    high = i8x16.max_u(high, bytes);
    sums = i32x4.add(sums, sumOf(bytes));
    zero = i32x4.add(zero, sumOf(v128.and(i8x16.eq(bytes, none), i8x16.splat(1))));
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
  const middle = i16x8.splat(<i16>near), lowByte = v128.load_splat<u16>(constants);
  // A square does not fit into 15 bits: its products are those of its two bytes, h and l.
  let squares = i32x4.splat(0), dh = squares, dl = squares, hh = squares, hl = squares, ll = squares;
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const d = i16x8.sub(v128.load_ext<u8>(x + i), middle);
    const square = i16x8.mul(d, d);
    const h = i16x8.shr_u(square, 8), l = v128.and(square, lowByte);
    squares = i32x4.add(squares, i32x4.dot_i16x8_s(d, d));
    dh = i32x4.add(dh, i32x4.dot_i16x8_s(d, h));
    dl = i32x4.add(dl, i32x4.dot_i16x8_s(d, l));
    hh = i32x4.add(hh, i32x4.dot_i16x8_s(h, h));
    hl = i32x4.add(hl, i32x4.dot_i16x8_s(h, l));
    ll = i32x4.add(ll, i32x4.dot_i16x8_s(l, l));
  }
  const s1 = <i64>sum - <i64>near * <i64>count;
  let s2 = lanes32(squares);
  let s3 = (lanes32(dh) << 8) + lanes32(dl);
  let s4 = (lanes32(hh) << 16) + (lanes32(hl) << 9) + lanes32(ll);
  for (; i < count; i++) {
    const d = <i64>load<u8>(x + i) - near;
    s2 += d * d;
    s3 += d * d * d;
    s4 += d * d * d * d;
  }
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
