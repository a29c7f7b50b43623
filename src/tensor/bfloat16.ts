/** Magnitudes from here on round to infinity: the midpoint above the largest bfloat16. */
const overflowAt = 2 ** 128 - 2 ** 119;

const notANumber = 0x7fc0;

const signBit = 0x8000;

/** bfloat16 is the upper half of a float32, so that every one of them is one. */
export function widenBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(halves.length);
  for (let at = 0; at < halves.length; at++) words[at] = halves[at] << 16;
  return new Float32Array(words.buffer);
}

/**
 * The nearest bfloat16 of each value, ties to even, rounded once also where the values are float64.
 * @returns `overflows` counts the finite values that became infinite
 */
export function narrowToBfloat16(values: Float32Array | Float64Array): {
  halves: Uint16Array<ArrayBuffer>;
  overflows: number;
} {
  const halves = new Uint16Array(values.length);
  const single = new Float32Array(1);
  const word = new Uint32Array(single.buffer);
  let overflows = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    const magnitude = Math.abs(value);
    if (Number.isNaN(value)) {
      halves[at] = notANumber;
      continue;
    }
    if (magnitude >= overflowAt && magnitude < Infinity) overflows++;
    single[0] = magnitude;
    const lower = word[0] & 0xffff;
    let half = word[0] >>> 16;
    // Half-way between two: what rounding to float32 has moved decides before evenness does.
    const isAbove = lower === 0x8000 && magnitude !== single[0] ? magnitude > single[0] : lower > 0x8000;
    const isTie = lower === 0x8000 && magnitude === single[0];
    if (isAbove || (isTie && (half & 1) === 1)) half++;
    halves[at] = value < 0 || Object.is(value, -0) ? half | signBit : half;
  }
  return { halves, overflows };
}
