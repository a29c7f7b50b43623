import { bytesAt, kernels } from './kernels.ts';

const [least, most] = [-342, 324];

const bits = 128n;

/** From here on 5^-q is below 2^64, and a quotient by it can be exact: its inverse is rounded up, so that the product shows it. */
const leastDivisor = -27;

let isPlaced = false;

/**
 * Gives the kernels the first 128 bits of 5^q for the powers of ten that doubles and their digits reach; what is left out of
 * them is less than the last of these bits. Computed rather than kept, once in a thread and in a few milliseconds: they are
 * 10 KB.
 * Source: Lemire, Number parsing at a gigabyte per second (2021), section 7.
 */
export function placePowersOfFive(): void {
  if (isPlaced) return;
  const halves = new BigUint64Array(2 * (most - least + 1));
  for (let power = least; power <= most; power++) {
    const first = firstBits(power);
    halves[2 * (power - least)] = first >> 64n;
    halves[2 * (power - least) + 1] = BigInt.asUintN(64, first);
  }
  bytesAt(kernels.powers_of_five(), halves.byteLength).set(new Uint8Array(halves.buffer));
  isPlaced = true;
}

function firstBits(power: number): bigint {
  const five = 5n ** BigInt(Math.abs(power));
  const length = BigInt(five.toString(2).length);
  if (power >= 0) return length > bits ? five >> (length - bits) : five << (bits - length);
  const inverse = (1n << (length + bits - 1n)) / five;
  return power < leastDivisor ? inverse : inverse + 1n;
}
