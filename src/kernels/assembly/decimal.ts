// The double that is nearest to a decimal number, ties to even: exactly where all factors are doubles, else by the product with
// a power of five of 128 bits (Lemire, Number parsing at a gigabyte per second, 2021, and Mushtak and Lemire, Fast number
// parsing without fallback, 2023, who show that nothing is left undecided).

const LEAST_POWER = -342;
const MOST_POWER = 308;

/** The first 128 bits of each power of five, high half first. Filled by src/kernels/powers-of-five.ts: it would be longer than all kernels. */
const powersOfFive = memory.data(16 * (MOST_POWER - LEAST_POWER + 1), 16);

/** Powers of ten that are doubles. */
const MOST_EXACT = 22;
const powersOfTen = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]);

/** Bits of a double's fraction, and what its exponent has added to it. */
const FRACTION = 52;
const BIAS = 1023;
const ONE: u64 = 1 << 52;

const LOW: u64 = 0xffffffff;

/** The two halves of a product. */
let high: u64 = 0;
let low: u64 = 0;

export function powers_of_five(): usize {
  return powersOfFive;
}

@inline
function multiply(a: u64, b: u64): void {
  const a0 = a & LOW, a1 = a >> 32, b0 = b & LOW, b1 = b >> 32;
  const outer = a0 * b0, cross0 = a0 * b1, cross1 = a1 * b0;
  const middle = (outer >> 32) + (cross0 & LOW) + (cross1 & LOW);
  low = (outer & LOW) | (middle << 32);
  high = a1 * b1 + (cross0 >> 32) + (cross1 >> 32) + (middle >> 32);
}

/** `digits` · 10^power, not negative; an infinity where that is beyond a double. */
export function nearestDouble(digits: u64, power: i32): f64 {
  if (digits <= <u64>1 << 53 && power >= -MOST_EXACT && power <= MOST_EXACT) {
    const ten = load<f64>(powersOfTen + ((<usize>abs(power)) << 3));
    return power < 0 ? <f64>digits / ten : <f64>digits * ten;
  }
  if (digits == 0 || power < LEAST_POWER) return 0;
  return power > MOST_POWER ? Infinity : rounded(digits, power);
}

function rounded(digits: u64, power: i32): f64 {
  const shift = <i32>clz(digits);
  const factor = digits << <u64>shift;
  const at = powersOfFive + ((<usize>(power - LEAST_POWER)) << 4);
  multiply(factor, load<u64>(at));
  // The second half of the power counts where its product may carry into the bits that are kept.
  if ((high & 0x1ff) == 0x1ff) {
    const first = high, last = low;
    multiply(factor, load<u64>(at, 8));
    low = last + high;
    high = first + (low < last ? 1 : 0);
  }
  const upper = <i32>(high >> 63);
  // Two bits more than a double has: the last one kept, and what decides about it.
  const kept = upper + 64 - FRACTION - 3;
  let fraction = high >> <u64>kept;
  // The exponent of 10^power is that of 5^power and of 2^power: 217706 / 2^16 is log2(10).
  let exponent = ((217706 * power) >> 16) + 63 + upper - shift + BIAS;
  if (exponent <= 0) {
    if (1 - exponent >= 64) return 0;
    fraction >>= <u64>(1 - exponent);
    fraction += fraction & 1;
    // Where it rounds to a normal number, that bit is the exponent's.
    return reinterpret<f64>(fraction >> 1);
  }
  // Halfway between two doubles, exactly: only small powers of five fit into the product. Then to even.
  if (low <= 1 && power >= -4 && power <= 23 && (fraction & 3) == 1 && fraction << <u64>kept == high) fraction &= ~1;
  fraction += fraction & 1;
  fraction >>= 1;
  if (fraction >= 2 * ONE) {
    fraction = ONE;
    exponent++;
  }
  if (exponent >= 2 * BIAS + 1) return Infinity;
  return reinterpret<f64>((fraction & (ONE - 1)) | ((<u64>exponent) << FRACTION));
}
