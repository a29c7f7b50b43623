import { type CarriedColumn, fixedWidth } from '#tensor/carried.ts';

/** Values with room for those that are missing between them, which stays zero. */
export function spread(column: CarriedColumn, isPresent: Uint8Array, validity: Uint8Array): CarriedColumn {
  const { type, offsets, data } = column;
  const length = isPresent.length;
  if (type.kind === 'null') return { type, length, data };
  if (offsets) {
    const ends = new Int32Array(length + 1);
    for (let row = 0, value = 0; row < length; row++) {
      value += isPresent[row];
      ends[row + 1] = offsets[value];
    }
    return { type, length, validity, offsets: ends, data };
  }
  if (type.kind === 'bool') {
    const bits = new Uint8Array(Math.ceil(length / 8));
    for (let row = 0, value = 0; row < length; row++) {
      if (isPresent[row] === 0) continue;
      bits[row >> 3] |= ((data[value >> 3] >> (value & 7)) & 1) << (row & 7);
      value++;
    }
    return { type, length, validity, data: bits };
  }
  const width = fixedWidth(type) ?? 0;
  const values = new Uint8Array(length * width);
  for (let row = 0, from = 0; row < length; row++) {
    if (isPresent[row] === 0) continue;
    for (let byte = 0; byte < width; byte++) values[row * width + byte] = data[from++];
  }
  return { type, length, validity, data: values };
}
