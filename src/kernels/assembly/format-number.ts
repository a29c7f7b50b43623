// Numbers as text: as JavaScript writes them (ECMA-262, Number::toString), in the fewest digits that are read back.
import { digits, power, shortestDouble, shortestSingle } from './shortest-decimal';
import { countDigits, integerTenTo } from './powers-of-ten';

/** Digits that are enough for any double. Those behind the first are written at once, in two halves. */
const ALL = 17;
const HALF: u64 = 100000000;

/** As many zeros stand behind the point before there is an exponent. */
const MOST_ZEROS = 5;

/** In the order of the memory: 0000, and 0.000000. */
const ZEROS: u32 = 0x30303030;
const ZERO_POINT: u64 = 0x3030303030302e30;

/** Two numbers of eight digits as these digits, in bytes: they are cut in two, and their parts again. */
@inline
function sixteenDigits(left: u64, right: u64): v128 {
  const both = i64x2.splat(left | (right << 32));
  // 109951163 / 2^40 is 1/10000 for eight digits, 10486 / 2^20 is 1/100 for four, 103 / 2^10 is 1/10 for two.
  const halves = i64x2.shr_u(i64x2.extmul_low_i32x4_u(both, i32x4.splat(109951163)), 40);
  const others = i64x2.sub(i64x2.extend_low_i32x4_u(both), i32x4.mul(halves, i32x4.splat(10000)));
  const fours = v128.or(halves, i64x2.shl(others, 32));
  const hundreds = i32x4.shr_u(i32x4.dot_i16x8_s(fours, i32x4.splat(10486)), 20);
  const pairs = i32x4.sub(i32x4.shl(fours, 16), i32x4.mul(hundreds, i32x4.splat(100 * 65536 - 1)));
  const tens = i16x8.shr_u(i16x8.mul(pairs, i16x8.splat(103)), 10);
  return i16x8.sub(i16x8.shl(pairs, 8), i16x8.mul(tens, i16x8.splat(10 * 256 - 1)));
}

/**
 * Writes the decimal that was found last.
 * @param isPlain whether it has no exponent when it is large, which must be below 10^21 then
 * @returns the end of its text
 */
function writeDecimal(to: usize, isPlain: bool): usize {
  const count = countDigits(digits);
  const all = digits * integerTenTo(ALL - count);
  const most = all / HALF;
  const head = most / HALF;
  const first = <u32>head + 0x30;
  const rest = sixteenDigits(most - head * HALF, all - most * HALF);
  // Digits behind the first, without zeros at their end.
  const more = 32 - <i32>clz(i8x16.bitmask(i8x16.ne(rest, i8x16.splat(0))));
  const text = v128.or(rest, i8x16.splat(0x30));
  // Digits before the point, when there is no exponent; a negative number is that of zeros behind it.
  const before = count + power;
  if (before > 0 && isPlain) {
    store<u8>(to, first);
    v128.store(to + 1, text);
    if (before > more) {
      store<u32>(to + ALL, ZEROS);
      return to + before;
    }
    const point = to + before;
    const tail = v128.load(point);
    store<u8>(point, 0x2e);
    v128.store(point + 1, tail);
    return to + more + 2;
  }
  if (before <= 0 && before >= -MOST_ZEROS) {
    store<u64>(to, ZERO_POINT);
    to += 2 - before;
    store<u8>(to, first);
    v128.store(to + 1, text);
    return to + more + 1;
  }
  store<u8>(to, first);
  if (more > 0) {
    store<u8>(to + 1, 0x2e);
    v128.store(to + 2, text);
    to += more + 1;
  }
  return writeExponent(to + 1, before - 1);
}

function writeExponent(to: usize, exponent: i32): usize {
  store<u8>(to, 0x65);
  store<u8>(to + 1, exponent < 0 ? 0x2d : 0x2b);
  to += 2;
  const size = abs(exponent);
  if (size >= 100) store<u8>(to++, size / 100 + 0x30);
  if (size >= 10) store<u8>(to++, ((size / 10) % 10) + 0x30);
  store<u8>(to, (size % 10) + 0x30);
  return to + 1;
}

/**
 * @param isSingle whether it is a float32, which fewer digits tell
 * @param plainBelow a larger number has an exponent; at most 1e21
 * @returns the end of its text; up to 40 bytes after it may be overwritten
 */
@inline
export function writeNumber(to: usize, x: f64, isSingle: bool, plainBelow: f64): usize {
  if (reinterpret<i64>(x) < 0) store<u8>(to++, 0x2d);
  const size = abs(x);
  if (size == 0) {
    store<u8>(to, 0x30);
    return to + 1;
  }
  if (isSingle) shortestSingle(size);
  else shortestDouble(size);
  return writeDecimal(to, size < plainBelow);
}
