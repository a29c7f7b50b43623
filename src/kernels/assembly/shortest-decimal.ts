// The shortest decimal that is read back as the same number, and of these the nearest to it. Source: Giulietti, The Schubfach
// way to render doubles (2020), whose names are kept: v = c · 2^q is the number, vl and vr are the ends of what is read as v.
import { BIAS, FRACTION, nearestDouble, ONE } from './parse-decimal';
import { exponentOf, highProduct, placeOf } from './powers-of-five';
import { countDigits, integerTenTo } from './powers-of-ten';

/** What was found last: digits · 10^power, the digits with zeros at their end or not. */
export let digits: u64 = 0;
export let power: i32 = 0;

/** Powers of five from this one to 5^0 have their first bits rounded up, all others down. */
const LEAST_ROUNDED_UP = -27;

/** The first 64 of 192 bits, and in the last of them whether there is more behind than what the power of five is off by. */
@inline
function roundedToOdd(first: u64, second: u64): u64 {
  return first | <u64>(second > 1);
}

/** Of a positive finite double. */
export function shortestDouble(v: f64): void {
  const bits = reinterpret<u64>(v);
  const fraction = bits & (ONE - 1);
  const biased = <i32>(bits >> FRACTION);
  const c = biased == 0 ? fraction : fraction | ONE;
  const q = max(biased, 1) - BIAS - FRACTION;
  if (q <= 0 && q >= -FRACTION && (c & (((<u64>1) << <u64>-q) - 1)) == 0) {
    digits = c >> <u64>-q;
    power = 0;
    return;
  }
  // Below a power of two the doubles are closer together.
  if (fraction == 0 || !isSure(c, q, DOUBLE_ERROR)) exactly(c, q, fraction == 0 && biased > 1);
}

/** Bits behind the point, and what the first 64 bits of a power of five let be wrong there: 4 · c is below 2^59, or 2^30. */
const POINT: u64 = 56;
const DOUBLE_ERROR: u64 = (1 << 51) + 8;
const SINGLE_ERROR: u64 = (1 << 22) + 8;

@inline
function isNear(a: u64, b: u64, error: u64): bool {
  return a - b + error <= 2 * error;
}

/** Of a number that is as far from the one below as from the one above: whether the first 64 bits are enough, as they mostly are. */
@inline
function isSure(c: u64, q: i32, error: u64): bool {
  // floor(log10(2^q)): 315653 / 2^20 is log10(2).
  const k = (315653 * q) >> 20;
  const h = <u64>(q + exponentOf(-k) + 1);
  const g = load<u64>(placeOf(-k)), factor = c << (h + 2);
  // 4 · v / 10^k, as an integer and what is behind the point.
  const v1 = highProduct(g, factor), v0 = g * factor;
  const s = v1 >> 2, tens = s / 10;
  const aboveTen = ((v1 - 40 * tens) << POINT) | (v0 >> (64 - POINT));
  const aboveOne = ((v1 & 3) << POINT) | (v0 >> (64 - POINT));
  const width = g >> (63 - POINT - h);
  const isTenBelow = aboveTen <= width, isTenAbove = aboveTen + width >= <u64>40 << POINT;
  const isTen = <u64>isTenBelow | <u64>isTenAbove;
  const ones = s + <u64>(aboveOne > <u64>2 << POINT);
  // Without branches: whether a digit can be dropped is unpredictable.
  digits = ones ^ ((ones ^ (tens + <u64>isTenAbove)) & (0 - isTen));
  power = k + <i32>isTen;
  const isUnsure =
    <u64>isNear(aboveTen, width, error) |
    <u64>isNear(aboveTen + width, <u64>40 << POINT, error) |
    ((isTen ^ 1) & (<u64>isNear(aboveOne, <u64>2 << POINT, error) | <u64>isNear(aboveOne, <u64>4 << POINT, error)));
  return isUnsure == 0;
}

/**
 * The same where that takes all bits.
 * @param isCloser whether the double below is closer than the one above
 */
function exactly(c: u64, q: i32, isCloser: bool): void {
  // floor(log10(2^q)), or of 3/4 of it: 131008 / 2^20 is log10(4/3).
  const k = (315653 * q - (isCloser ? 131008 : 0)) >> 20;
  const at = placeOf(-k);
  const h = <u64>(q + exponentOf(-k) + 1);
  const g1 = load<u64>(at);
  const g0 = load<u64>(at, 8) + (<u64>(-k < LEAST_ROUNDED_UP) | <u64>(-k >= 0));
  // 4 · v / 10^k in 192 bits, and how far the ends are from it.
  const c4 = c << (h + 2);
  const v0 = g0 * c4, carry = highProduct(g0, c4);
  const v1 = g1 * c4 + carry;
  const v2 = highProduct(g1, c4) + <u64>(v1 < carry);
  let shift = h + 1;
  const right0 = g0 << shift, right1 = (g1 << shift) | (g0 >> (64 - shift)), right2 = g1 >> (64 - shift);
  const vr0 = v0 + right0;
  const sum1 = v1 + right1;
  const vr1 = sum1 + <u64>(vr0 < v0);
  const vr2 = v2 + right2 + (<u64>(sum1 < v1) | <u64>(vr1 < sum1));
  shift -= isCloser ? 1 : 0;
  const left0 = g0 << shift, left1 = (g1 << shift) | (g0 >> (64 - shift)), left2 = g1 >> (64 - shift);
  const borrow = <u64>(v0 < left0);
  const difference1 = v1 - left1;
  const vl1 = difference1 - borrow;
  const vl2 = v2 - left2 - (<u64>(v1 < left1) | <u64>(difference1 < borrow));

  // The ends are read as v where its fraction is even.
  const open = c & 1;
  const least = roundedToOdd(vl2, vl1) + open;
  const most = roundedToOdd(vr2, vr1) - open;
  const middle = roundedToOdd(v2, v1);
  const s = middle >> 2;
  const tens = s / 10;
  // Without branches: whether a digit can be dropped is unpredictable.
  const isTenAbove = <u64>(40 * tens + 40 <= most), isAbove = <u64>(4 * s + 4 <= most);
  const isTen = <u64>(least <= 40 * tens) ^ isTenAbove;
  const half = 4 * s + 2;
  const isNearer = <u64>(middle > half) | (<u64>(middle == half) & s & 1);
  const isOne = <u64>(least <= 4 * s) ^ isAbove;
  const ones = s + (isOne & isAbove) + ((isOne ^ 1) & isNearer);
  digits = ones ^ ((ones ^ (tens + isTenAbove)) & (0 - isTen));
  power = k + <i32>isTen;
}

/** Bits of a float32's fraction, and what its exponent has added to it. */
const SINGLE_FRACTION = 23;
const SINGLE_BIAS = 127;

const WHOLE: f64 = 16777216;
const LEAST_NORMAL: f64 = 1.1754943508222875e-38;

/**
 * The same for a float32, given as a double, that is read by way of a double. Three powers of two (-96, 87 and 90) get a digit
 * more than they need, since their neighbours below are nearer than those above.
 */
export function shortestSingle(v: f64): void {
  if (v <= WHOLE && trunc(v) == v) {
    digits = <u64>v;
    power = 0;
    return;
  }
  const bits = reinterpret<u32>(<f32>v);
  const fraction = bits & ((1 << SINGLE_FRACTION) - 1);
  const biased = <i32>(bits >> SINGLE_FRACTION);
  const c = biased == 0 ? fraction : fraction | (1 << SINGLE_FRACTION);
  if (isSure(c, max(biased, 1) - SINGLE_BIAS - SINGLE_FRACTION, SINGLE_ERROR) && isRead(v)) return;
  // 6 digits are never ambiguous, and 9 always suffice.
  shortestDouble(v);
  const all = digits, end = power;
  const count = countDigits(all);
  for (let wanted = v < LEAST_NORMAL ? 1 : 6; wanted < count; wanted++) {
    const unit = integerTenTo(count - wanted);
    const below = all / unit, rest = all % unit;
    // What lies in the middle is short enough to be exact in all its digits.
    digits = below + <u64>(2 * rest + (below & 1) > unit);
    power = end + count - wanted;
    if (isRead(v)) return;
  }
  digits = all;
  power = end;
}

/** Whether what was found is read as this float32. */
@inline
function isRead(v: f64): bool {
  return <f32>nearestDouble(digits, power) == <f32>v;
}
