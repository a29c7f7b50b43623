/** Copies `count` bits, the least significant of a byte first. The bits of `target` that they go to are 0 before. */
export function copyBits(source: Uint8Array, from: number, count: number, target: Uint8Array, to: number): void {
  const shift = to & 7;
  let at = to >> 3;
  for (let done = 0; done < count; done += 8, at++) {
    const byte = readByte(source, from + done) & (0xff >> Math.max(8 - (count - done), 0));
    target[at] |= byte << shift;
    if (shift > 0 && at + 1 < target.length) target[at + 1] |= byte >> (8 - shift);
  }
}

/** Eight bits from any one on. */
function readByte(bits: Uint8Array, from: number): number {
  const at = from >> 3;
  const shift = from & 7;
  return shift === 0 ? bits[at] : ((bits[at] >> shift) | (bits[at + 1] << (8 - shift))) & 0xff;
}

/** How many of the first `count` bits are 1. */
export function countBits(bits: Uint8Array, count: number): number {
  let ones = 0;
  for (let at = 0; at < count; at += 8) {
    let byte = bits[at >> 3] & (0xff >> Math.max(8 - (count - at), 0));
    for (; byte > 0; byte &= byte - 1) ones++;
  }
  return ones;
}
