/** Numbers that lengths, counts and offsets would rather not be. */
const bad = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** A number from 0 to below 1. */
type Random = () => number;

/** A copy with some bytes changed, moved, or cut off. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const below = (count: number) => Math.floor(random() * count);
  let copy = new Uint8Array(bytes);
  // Metadata are where lies do most: at the beginning of a stream, at the end of a file.
  const place = () =>
    random() < 0.5
      ? below(copy.length)
      : random() < 0.5
        ? below(Math.min(copy.length, 2048))
        : copy.length - 1 - below(Math.min(copy.length, 4096));
  for (let change = below(3); change >= 0; change--) {
    const at = place();
    switch (below(6)) {
      case 0:
        copy[at] ^= 1 << below(8);
        break;
      case 1:
        copy[at] = below(256);
        break;
      case 2: {
        const view = new DataView(copy.buffer);
        if (at + 4 <= copy.length) view.setUint32(at - (at % 4), bad[below(bad.length)], true);
        break;
      }
      case 3:
        copy.copyWithin(at, place(), place());
        break;
      case 4:
        copy.fill(random() < 0.5 ? 0xff : 0x80, at, at + below(12));
        break;
      default:
        copy = copy.slice(0, Math.max(at, 1));
    }
  }
  return copy;
}
