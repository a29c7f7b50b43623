import { itemSize } from './dtype.ts';
import { elementCount } from './shape.ts';
import type { TensorHeader } from './tensor.ts';

/** Transposes column-major (Fortran) elements to row-major order; `shape` is that of the tensor in either order. */
export function fromFortran({ dtype, shape }: TensorHeader, buffer: ArrayBuffer): ArrayBuffer {
  const Units = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array }[itemSize(dtype)] ?? Uint8Array;
  const from = new Units(buffer);
  const to = new Units(elementCount(shape));
  const last = shape.length - 1;
  // Strides of each axis in `from`.
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, 1));
  const index = new Array<number>(shape.length).fill(0);
  for (let at = 0, start = 0; at < to.length; ) {
    for (let column = 0; column < shape[last]; column++) to[at++] = from[start + column * strides[last]];
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      start += strides[axis];
      if (++index[axis] < shape[axis]) break;
      start -= index[axis] * strides[axis];
      index[axis] = 0;
    }
    if (axis < 0) break;
  }
  return to.buffer;
}
