// The double that is nearest to a decimal number, ties to even: exactly where all factors are doubles, else by the product with
// a power of five of 128 bits (Lemire, Number parsing at a gigabyte per second, 2021, and Mushtak and Lemire, Fast number
// parsing without fallback, 2023, who show that nothing is left undecided).

import { exponentOf, highProduct, LEAST_POWER, placeOf } from './powers-of-five';
import { MOST_EXACT, tenTo } from './powers-of-ten';

/** From the next power of ten on all is infinite. */
const MOST_FINITE = 308;

/** Bits of a double's fraction, and what its exponent has added to it. */
export const FRACTION = 52;
export const BIAS = 1023;
export const ONE: u64 = 1 << 52;

/** `digits` · 10^power, not negative; an infinity where that is beyond a double. */
export function nearestDouble(digits: u64, power: i32): f64 {
  if (digits <= <u64>1 << 53 && power >= -MOST_EXACT && power <= MOST_EXACT) {
    const ten = tenTo(abs(power));
    return power < 0 ? <f64>digits / ten : <f64>digits * ten;
  }
  if (digits == 0 || power < LEAST_POWER) return 0;
  return power > MOST_FINITE ? Infinity : rounded(digits, power);
}

function rounded(digits: u64, power: i32): f64 {
  const shift = <i32>clz(digits);
  const factor = digits << <u64>shift;
  const at = placeOf(power);
  const five = load<u64>(at);
  let first = highProduct(factor, five), last = factor * five;
  // The second half of the power counts where its product may carry into the bits that are kept.
  if ((first & 0x1ff) == 0x1ff) {
    const more = highProduct(factor, load<u64>(at, 8));
    last += more;
    first += last < more ? 1 : 0;
  }
  const upper = <i32>(first >> 63);
  // Two bits more than a double has: the last one kept, and what decides about it.
  const kept = upper + 64 - FRACTION - 3;
  let fraction = first >> <u64>kept;
  let exponent = exponentOf(power) + 63 + upper - shift + BIAS;
  if (exponent <= 0) {
    if (1 - exponent >= 64) return 0;
    fraction >>= <u64>(1 - exponent);
    fraction += fraction & 1;
    // Where it rounds to a normal number, that bit is the exponent's.
    return reinterpret<f64>(fraction >> 1);
  }
  // Halfway between two doubles, exactly: only small powers of five fit into the product. Then to even.
  if (last <= 1 && power >= -4 && power <= 23 && (fraction & 3) == 1 && fraction << <u64>kept == first) fraction &= ~1;
  fraction += fraction & 1;
  fraction >>= 1;
  if (fraction >= 2 * ONE) {
    fraction = ONE;
    exponent++;
  }
  if (exponent >= 2 * BIAS + 1) return Infinity;
  return reinterpret<f64>((fraction & (ONE - 1)) | ((<u64>exponent) << FRACTION));
}
