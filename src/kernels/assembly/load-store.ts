// Tiles of any dtype become float64 and come back. The numbering is that of `dtypes` in #tensor/dtype.ts.

/** What `load` saw: bits of its result. */
const SAW_NAN = 1;
const SAW_INFINITY = 2;
const SAW_INEXACT = 4;

/** Bits of the half-precision format (IEEE 754-2008 binary16): 1 sign, 5 exponent, 10 fraction. */
const HALF_INFINITY: u32 = 0x7c00;
const HALF_NAN: u32 = 0x7e00;

/** float64 values at and above this round to infinity in half precision: the midpoint above 65504. */
const HALF_OVERFLOW: f64 = 65520;
const HALF_SMALLEST_NORMAL: f64 = 6.103515625e-5;
const HALF_SUBNORMALS_PER_ONE: f64 = 16777216;

@inline
function fromHalf(bits: u32): f64 {
  const magnitude = bits & 0x7fff;
  // The fraction and exponent fit a float32's; multiplying by 2^112 corrects the exponent's bias, subnormals included.
  let value: f32 = reinterpret<f32>(magnitude << 13) * reinterpret<f32>(0x77800000);
  if (magnitude >= HALF_INFINITY) value = reinterpret<f32>((magnitude << 13) | 0x7f800000);
  return bits & 0x8000 ? -(<f64>value) : <f64>value;
}

@inline
function toHalf(value: f64): u32 {
  const sign = <u32>(reinterpret<u64>(value) >> 48) & 0x8000;
  const magnitude = abs(value);
  if (magnitude != magnitude) return HALF_NAN;
  if (magnitude >= HALF_OVERFLOW) return sign | HALF_INFINITY;
  if (magnitude < HALF_SMALLEST_NORMAL) return sign | <u32>nearest(magnitude * HALF_SUBNORMALS_PER_ONE);
  // Rounds to even at the 42 bits that are dropped; a carry runs into the exponent, where it belongs.
  let bits = reinterpret<u64>(magnitude);
  bits += 0x1ffffffffff + ((bits >> 42) & 1);
  return sign | (<u32>(bits >> 42) - ((1023 - 15) << 10));
}

/** Bits of bfloat16, the upper half of a float32: 1 sign, 8 exponent, 7 fraction. */
const BRAIN_INFINITY: u32 = 0x7f80;
const BRAIN_NAN: u32 = 0x7fc0;

/** float64 values at and above this round to infinity in bfloat16: the midpoint above its largest number. */
export const BRAIN_OVERFLOW: f64 = 3.39617752923046e38;
const BRAIN_SMALLEST_NORMAL: f64 = 1.1754943508222875e-38;
const BRAIN_SUBNORMALS_PER_ONE: f64 = 1.0889035741470031e40;

@inline
function toBrain(value: f64): u32 {
  const sign = <u32>(reinterpret<u64>(value) >> 48) & 0x8000;
  const magnitude = abs(value);
  if (magnitude != magnitude) return BRAIN_NAN;
  if (magnitude >= BRAIN_OVERFLOW) return sign | BRAIN_INFINITY;
  if (magnitude < BRAIN_SMALLEST_NORMAL) return sign | <u32>nearest(magnitude * BRAIN_SUBNORMALS_PER_ONE);
  let bits = reinterpret<u64>(magnitude);
  bits += 0xfffffffffff + ((bits >> 45) & 1);
  return sign | (<u32>(bits >> 45) - ((1023 - 127) << 7));
}

@inline
function widen<T extends number>(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f64>(to + ((<usize>i) << 3), <f64>load<T>(from + (<usize>i) * sizeof<T>()));
}

function widenBytes(from: usize, to: usize, count: i32): void {
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const words = v128.load_ext<u8>(from + i);
    const low = v128.extend_low<u16>(words);
    const high = v128.extend_high<u16>(words);
    const at = to + ((<usize>i) << 3);
    v128.store(at, f64x2.convert_low_i32x4_s(low), 0);
    v128.store(at, f64x2.convert_low_i32x4_s(v128.shuffle<u64>(low, low, 1, 0)), 16);
    v128.store(at, f64x2.convert_low_i32x4_s(high), 32);
    v128.store(at, f64x2.convert_low_i32x4_s(v128.shuffle<u64>(high, high, 1, 0)), 48);
  }
  for (; i < count; i++) store<f64>(to + ((<usize>i) << 3), <f64>load<u8>(from + i));
}

/** Bytes as float32, in groups of eight: up to 28 bytes behind the last are written over. */
export function bytesToSingles(from: usize, to: usize, count: i32): void {
  for (const end = from + count; from < end; from += 8) {
    const words = v128.load_ext<u8>(from);
    v128.store(to, f32x4.convert_i32x4_u(v128.extend_low<u16>(words)));
    v128.store(to, f32x4.convert_i32x4_u(v128.extend_high<u16>(words)), 16);
    to += 32;
  }
}

function widenSingles(from: usize, to: usize, count: i32): void {
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    v128.store(to + ((<usize>i) << 3), f64x2.promote_low_f32x4(v128.load64_zero(from + ((<usize>i) << 2))));
  }
  for (; i < count; i++) store<f64>(to + ((<usize>i) << 3), <f64>load<f32>(from + ((<usize>i) << 2)));
}

function widenBrains(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++)
    store<f64>(to + ((<usize>i) << 3), <f64>reinterpret<f32>((<u32>load<u16>(from + ((<usize>i) << 1))) << 16));
}

function widenHalves(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f64>(to + ((<usize>i) << 3), fromHalf(load<u16>(from + ((<usize>i) << 1))));
}

function widenBooleans(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f64>(to + ((<usize>i) << 3), load<u8>(from + i) ? 1 : 0);
}

/** True when a 64-bit magnitude spans more than the 53 bits that a double holds. */
@inline
function inexact(magnitude: u64): bool {
  return magnitude != 0 && 64 - <i32>clz(magnitude) - <i32>ctz(magnitude) > 53;
}

function sawInexact(from: usize, count: i32, signed: bool): i32 {
  for (let i = 0; i < count; i++) {
    const value = load<i64>(from + ((<usize>i) << 3));
    if (inexact(<u64>(signed && value < 0 ? -value : value))) return SAW_INEXACT;
  }
  return 0;
}

function sawNotFinite(at: usize, count: i32): i32 {
  let rest = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const a = v128.load(at + ((<usize>i) << 3)), b = v128.load(at + ((<usize>i) << 3), 16);
    rest = v128.or(rest, v128.or(f64x2.sub(a, a), f64x2.sub(b, b)));
  }
  for (; i < count; i++) {
    const x = v128.load_splat<u64>(at + ((<usize>i) << 3));
    rest = v128.or(rest, f64x2.sub(x, x));
  }
  return v128.any_true(rest) ? kindsNotFinite(at, count) : 0;
}

function kindsNotFinite(at: usize, count: i32): i32 {
  const infinity = f64x2.splat(Infinity);
  let nans = f64x2.splat(0), infinities = f64x2.splat(0);
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const x = v128.load(at + ((<usize>i) << 3));
    nans = v128.or(nans, f64x2.ne(x, x));
    infinities = v128.or(infinities, f64x2.eq(f64x2.abs(x), infinity));
  }
  if (i < count) {
    const x = v128.load_splat<u64>(at + ((<usize>i) << 3));
    nans = v128.or(nans, f64x2.ne(x, x));
    infinities = v128.or(infinities, f64x2.eq(f64x2.abs(x), infinity));
  }
  return (v128.any_true(nans) ? SAW_NAN : 0) | (v128.any_true(infinities) ? SAW_INFINITY : 0);
}

export function loadRow(dtype: i32, from: usize, to: usize, count: i32): i32 {
  switch (dtype) {
    case 0: widenBooleans(from, to, count); return 0;
    case 1: widenBytes(from, to, count); return 0;
    case 2: widen<i8>(from, to, count); return 0;
    case 3: widen<u16>(from, to, count); return 0;
    case 4: widen<i16>(from, to, count); return 0;
    case 5: widen<u32>(from, to, count); return 0;
    case 6: widen<i32>(from, to, count); return 0;
    case 7: widen<u64>(from, to, count); return sawInexact(from, count, false);
    case 8: widen<i64>(from, to, count); return sawInexact(from, count, true);
    case 9: widenHalves(from, to, count); break;
    case 10: widenSingles(from, to, count); break;
    case 12: widenBrains(from, to, count); break;
    default: if (to != from) memory.copy(to, from, (<usize>count) << 3);
  }
  return sawNotFinite(to, count);
}

export function widthOf(dtype: i32): usize {
  switch (dtype) {
    case 0: case 1: case 2: return 1;
    case 3: case 4: case 9: case 12: return 2;
    case 5: case 6: case 10: return 4;
    default: return 8;
  }
}

/**
 * A rectangle of `rows` by `columns` elements, `stride` elements from row to row, becomes float64 without gaps at `to`,
 * which may be `from` where it is that. Returns what it saw: NaN 1, an infinity 2, a 64-bit integer that a double cannot hold 4.
 */
export function load_tile(dtype: i32, from: usize, stride: i32, rows: i32, columns: i32, to: usize): i32 {
  if (stride == columns) return loadRow(dtype, from, to, rows * columns);
  const step = <usize>stride * widthOf(dtype);
  let saw = 0;
  for (let row = 0; row < rows; row++) {
    saw |= loadRow(dtype, from, to, columns);
    from += step;
    to += (<usize>columns) << 3;
  }
  return saw;
}

export function storeRow(dtype: i32, from: usize, to: usize, count: i32): void {
  if (dtype == 11) {
    memory.copy(to, from, (<usize>count) << 3);
  } else if (dtype == 10) {
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const at = from + ((<usize>i) << 3);
      const low = f32x4.demote_f64x2_zero(v128.load(at));
      const high = f32x4.demote_f64x2_zero(v128.load(at, 16));
      v128.store(to + ((<usize>i) << 2), v128.shuffle<u64>(low, high, 0, 2));
    }
    for (; i < count; i++) store<f32>(to + ((<usize>i) << 2), <f32>load<f64>(from + ((<usize>i) << 3)));
  } else if (dtype == 12) {
    for (let i = 0; i < count; i++) store<u16>(to + ((<usize>i) << 1), toBrain(load<f64>(from + ((<usize>i) << 3))));
  } else {
    for (let i = 0; i < count; i++) store<u16>(to + ((<usize>i) << 1), toHalf(load<f64>(from + ((<usize>i) << 3))));
  }
}

/** The other way, into a float of any width, each rounded once to nearest, ties to even. */
export function store_tile(dtype: i32, from: usize, rows: i32, columns: i32, to: usize, stride: i32): void {
  if (stride == columns) {
    storeRow(dtype, from, to, rows * columns);
    return;
  }
  const step = <usize>stride * widthOf(dtype);
  for (let row = 0; row < rows; row++) {
    storeRow(dtype, from, to, columns);
    from += (<usize>columns) << 3;
    to += step;
  }
}

/** Turns big-endian elements of `width` 2, 4 or 8 bytes into little-endian ones, in place. */
export function swap_bytes(width: i32, at: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    if (width == 2) store<u16>(at, bswap<u16>(load<u16>(at)));
    else if (width == 4) store<u32>(at, bswap<u32>(load<u32>(at)));
    else store<u64>(at, bswap<u64>(load<u64>(at)));
    at += width;
  }
}
