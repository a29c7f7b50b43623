// Nested lists of numbers in JSON (RFC 8259), read piece by piece: a rectangle of numbers and nulls. Whatever else
// there is, right or wrong, is left to JSON.parse.
import { nearestDouble } from './parse-decimal';
import { integerTenTo } from './powers-of-ten';

/** The state after a piece: more is expected, the lists are closed, or they are not of this kind. */
const MORE = 0;
const CLOSED = 1;
const OTHER = 2;

const MOST_AXES = 8;

/** Digits that fit into 64 bits whatever they are. */
const MOST_DIGITS = 19;

/** Whole numbers up to this are doubles. */
const MOST_EXACT: u64 = 1 << 53;

/** An exponent beyond this makes zero or an infinity of any number: a piece has fewer digits. */
const MOST_EXPONENT = 1000000;

/** What 32-bit fields of the state are: the next byte, levels open, axes, whether a value has just ended; then the counts. */
const AT = 0, DEPTH = 4, RANK = 8, AFTER_VALUE = 12, COUNTS = 16, LENGTHS = COUNTS + 4 * (MOST_AXES + 1);

/** The next byte, and the end. */
let at: usize = 0;
let end: usize = 0;
let value: f64 = 0;

@inline
function isBlank(byte: i32): bool {
  return byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09;
}

@inline
function skipBlanks(): void {
  while (at < end && isBlank(load<u8>(at))) at++;
}

@inline
function digitAt(x: usize): u32 {
  return <u32>load<u8>(x) - 0x30;
}

/** No bits up to the first byte that is no digit: their high halves are 3, also when 6 is added. */
@inline
function otherBits(eight: u64): u64 {
  const halves: u64 = 0xf0f0f0f0f0f0f0f0, threes: u64 = 0x3030303030303030;
  return ((eight & halves) ^ threes) | (((eight + 0x0606060606060606) & halves) ^ threes);
}

/** The number of eight digits, the first in the lowest byte: neighbours are joined to pairs, and these to fours. */
@inline
function ofDigits(eight: u64): u64 {
  const ones = eight & 0x0f0f0f0f0f0f0f0f;
  const pairs = (ones * 10 + (ones >> 8)) & 0x00ff00ff00ff00ff;
  const fours = (pairs * 100 + (pairs >> 16)) & 0x0000ffff0000ffff;
  return (fours * 10000 + (fours >> 32)) & 0xffffffff;
}

/** Adds the digits that come next to a number. */
@inline
function digitsAfter(digits: u64): u64 {
  while (at + 8 <= end) {
    const eight = load<u64>(at);
    const others = otherBits(eight);
    if (others != 0) {
      const count = <usize>ctz(others) >> 3;
      at += count;
      // What is shifted in counts as zeros before the first digit.
      return count == 0 ? digits : digits * integerTenTo(<i32>count) + ofDigits(eight << ((8 - <u64>count) << 3));
    }
    digits = digits * 100000000 + ofDigits(eight);
    at += 8;
  }
  while (at < end) {
    const digit = digitAt(at);
    if (digit > 9) break;
    digits = digits * 10 + digit;
    at++;
  }
  return digits;
}

/** Significant digits of a number without its sign. */
function significant(from: usize, to: usize): i32 {
  while (from < to && (load<u8>(from) == 0x30 || load<u8>(from) == 0x2e)) from++;
  let count = 0;
  for (; from < to; from++) count += load<u8>(from) == 0x2e ? 0 : 1;
  return count;
}

/** `null`, which stands for NaN. */
const NULL: u32 = 0x6c6c756e;

/** Reads a number to `value`. MORE where the piece ends within it or right behind it, and OTHER where it is none. */
function readNumber(): i32 {
  if (load<u8>(at) == 0x6e) {
    if (at + 4 >= end) return MORE;
    if (load<u32>(at) != NULL) return OTHER;
    at += 4;
    value = NaN;
    return CLOSED;
  }
  const negative = load<u8>(at) == 0x2d;
  if (negative) at++;
  if (at == end) return MORE;
  const first = at;
  if (digitAt(at) > 9) return OTHER;
  let digits: u64 = 0;
  if (digitAt(at) == 0) at++;
  else digits = digitsAfter(0);
  // Behind a 0 no digit may follow.
  if (at < end && digitAt(at) <= 9) return OTHER;
  let power = 0;
  if (at < end && load<u8>(at) == 0x2e) {
    const point = ++at;
    digits = digitsAfter(digits);
    if (at == point) return at == end ? MORE : OTHER;
    power = <i32>(point - at);
  }
  if (<i32>(at - first) > MOST_DIGITS && significant(first, at) > MOST_DIGITS) return OTHER;
  let isWhole = power == 0;
  if (at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    isWhole = false;
    const sign = at < end ? load<u8>(at) : 0;
    if (sign == 0x2d || sign == 0x2b) at++;
    let exponent = 0;
    const begin = at;
    for (; at < end && digitAt(at) <= 9; at++) exponent = min(MOST_EXPONENT, exponent * 10 + <i32>digitAt(at));
    if (at == begin) return at == end ? MORE : OTHER;
    power += sign == 0x2d ? -exponent : exponent;
  }
  if (at == end) return MORE;
  if (isWhole && digits > MOST_EXACT && <u64><f64>digits != digits) return OTHER;
  const size = nearestDouble(digits, power);
  if (size == Infinity) return OTHER;
  value = negative ? -size : size;
  return CLOSED;
}

/**
 * Reads on in lists.
 * @param text the next piece of the text, of `length` bytes
 * @param to where its numbers go: at most half as many as it has bytes, and one
 * @param state all zeros to begin with; then where the next piece begins, levels open, axes, whether a value has just ended, and
 *   from 56 bytes on the lengths of the axes
 * @returns how many numbers there are, times 4, plus MORE, CLOSED or OTHER
 */
export function read_lists(text: usize, length: i32, to: usize, state: usize): i32 {
  at = text;
  end = text + length;
  let depth = load<i32>(state, DEPTH), rank = load<i32>(state, RANK), afterValue = load<i32>(state, AFTER_VALUE) != 0;
  let result = MORE, count = 0;
  let next = at;
  for (; result == MORE; next = at) {
    skipBlanks();
    next = at;
    if (at == end) break;
    const byte = load<u8>(at);
    const counts = state + COUNTS + ((<usize>depth) << 2), lengths = state + LENGTHS + ((<usize>depth) << 2);
    if (!afterValue && byte == 0x5b) {
      at++;
      if (depth == (rank > 0 ? rank : MOST_AXES)) result = OTHER;
      else {
        depth++;
        store<i32>(counts, 0, 4);
      }
    } else if (!afterValue) {
      if (rank == 0) rank = depth;
      if (depth == 0 || depth != rank) {
        result = OTHER;
        break;
      }
      const before = count;
      let found = readNumber();
      while (found == CLOSED) {
        store<f64>(to + ((<usize>count) << 3), value);
        count++;
        next = at;
        afterValue = load<u8>(at) != 0x2c;
        if (afterValue) break;
        at++;
        skipBlanks();
        next = at;
        found = at == end ? MORE : readNumber();
      }
      store<i32>(counts, load<i32>(counts) + count - before);
      if (found == MORE) break;
      if (found == OTHER) result = OTHER;
    } else if (byte == 0x2c) {
      at++;
      afterValue = false;
    } else if (byte == 0x5d) {
      at++;
      const length = load<i32>(counts);
      if (load<i32>(lengths) == 0) store<i32>(lengths, length);
      depth--;
      if (load<i32>(lengths) != length) result = OTHER;
      else if (depth == 0) result = CLOSED;
      else store<i32>(counts - 4, load<i32>(counts - 4) + 1);
    } else result = OTHER;
  }
  store<i32>(state, <i32>(next - text), AT);
  store<i32>(state, depth, DEPTH);
  store<i32>(state, rank, RANK);
  store<i32>(state, afterValue ? 1 : 0, AFTER_VALUE);
  return (count << 2) | result;
}
