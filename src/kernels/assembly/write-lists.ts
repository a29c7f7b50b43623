// Numbers as lists: nested in JSON (RFC 8259), or as the lines of CSV (RFC 4180), piece by piece.
import { writeNumber } from './format-number';

/** A number from here on has an exponent; in CSV any that may have been rounded. */
const PLAIN_IN_JSON: f64 = 1e21;
const PLAIN_IN_CSV: f64 = 9007199254740992;

/** What fields of the state are: whether a number was written, lists that the next one begins; then for each axis what is left of its list, and its length. */
const WRITTEN = 0, BEGINS = 8, LEFT = 16, LENGTHS = LEFT + 8 * 8;

/** The names of what is not finite. */
const NULL: u32 = 0x6c6c756e;

function writeName(to: usize, x: f64, isCsv: bool): usize {
  const isNan = x != x;
  if (isCsv) {
    if (!isNan && x < 0) store<u8>(to++, 0x2d);
    store<u32>(to, isNan ? 0x6e616e : 0x666e69);
    return to + 3;
  }
  if (isNan) {
    store<u32>(to, NULL);
    return to + 4;
  }
  store<u8>(to++, 0x22);
  if (x < 0) store<u8>(to++, 0x2d);
  // "Infinity" and the quote behind it.
  store<u64>(to, 0x7974696e69666e49);
  store<u8>(to + 8, 0x22);
  return to + 9;
}

/**
 * Writes on in lists.
 * @param x the next numbers, float64
 * @param isSingle whether they were float32
 * @param isCsv whether it is CSV, with lines for the lists of the last axis
 * @param state see above; `rank` axes of at most 8, and a list that never ends has an infinite length
 * @returns the bytes that were written, at most 41 for each number and 40 more touched behind them
 */
export function write_lists(
  x: usize,
  count: i32,
  isSingle: bool,
  isCsv: bool,
  rank: i32,
  state: usize,
  to: usize,
): i32 {
  const plainBelow = isCsv ? PLAIN_IN_CSV : PLAIN_IN_JSON;
  const start = to, end = x + ((<usize>count) << 3);
  let isWritten = load<f64>(state, WRITTEN) != 0;
  let begins = <i32>load<f64>(state, BEGINS);
  const last = state + LEFT + ((<usize>(rank - 1)) << 3);
  while (x < end) {
    if (isWritten && !(isCsv && begins > 0)) store<u8>(to++, 0x2c);
    if (!isCsv) for (; begins > 0; begins--) store<u8>(to++, 0x5b);
    begins = 0;
    isWritten = true;
    // The rest of the innermost list needs no brackets.
    const left = rank > 0 ? load<f64>(last) : 1;
    const rest = <f64>((end - x) >> 3);
    const here = min(left, rest);
    const until = x + ((<usize>here) << 3);
    for (;;) {
      const value = load<f64>(x);
      to = value - value == 0 ? writeNumber(to, value, isSingle, plainBelow) : writeName(to, value, isCsv);
      x += 8;
      if (x == until) break;
      store<u8>(to++, 0x2c);
    }
    if (rank > 0) store<f64>(last, left - here);
    for (let axis = last; axis >= state + LEFT && load<f64>(axis) == 0; axis -= 8) {
      store<f64>(axis, load<f64>(axis, LENGTHS - LEFT));
      if (!isCsv) store<u8>(to++, 0x5d);
      else if (axis == last) store<u8>(to++, 0x0a);
      begins++;
      if (axis > state + LEFT) store<f64>(axis - 8, load<f64>(axis - 8) - 1);
    }
  }
  store<f64>(state, isWritten ? 1 : 0, WRITTEN);
  store<f64>(state, begins, BEGINS);
  return <i32>(to - start);
}
