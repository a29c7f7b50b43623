/** Array files written and read byte by byte, by the formats' descriptions alone: the service's own code is not asked. */

/** NumPy's type codes, the bytes of an element, and the name under which a DataView knows the type. */
const types = {
  bool: ['b1', 1, 'Uint8'],
  uint8: ['u1', 1, 'Uint8'],
  int8: ['i1', 1, 'Int8'],
  uint16: ['u2', 2, 'Uint16'],
  int16: ['i2', 2, 'Int16'],
  uint32: ['u4', 4, 'Uint32'],
  int32: ['i4', 4, 'Int32'],
  uint64: ['u8', 8, 'BigUint64'],
  int64: ['i8', 8, 'BigInt64'],
  float16: ['f2', 2, 'Float16'],
  float32: ['f4', 4, 'Float32'],
  float64: ['f8', 8, 'Float64'],
} as const;

export type Dtype = keyof typeof types;

export const dtypes = Object.keys(types) as Dtype[];

export type Element = number | bigint;

export function itemSize(dtype: Dtype): number {
  return types[dtype][1];
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The elements' bytes one after the other. */
export function bytesOf(dtype: Dtype, elements: readonly Element[], bigEndian = false): Buffer {
  const [, size, name] = types[dtype];
  const bytes = Buffer.alloc(size * elements.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const put = view[`set${name}`].bind(view) as (at: number, element: Element, little: boolean) => void;
  elements.forEach((element, at) => {
    put(at * size, name.startsWith('Big') ? BigInt(element) : Number(element), !bigEndian);
  });
  return bytes;
}

/** The elements of little-endian bytes. */
export function elementsOf(dtype: Dtype, bytes: Uint8Array): number[] {
  const [, size, name] = types[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const take = view[`get${name}`].bind(view) as (at: number, little: boolean) => Element;
  return Array.from({ length: bytes.length / size }, (_, at) => Number(take(at * size, true)));
}

/** Row-major elements in column-major order: by the index of each element, axis by axis. */
export function toFortran<Item>(elements: readonly Item[], shape: readonly number[]): Item[] {
  const reordered = new Array<Item>(elements.length);
  elements.forEach((element, flat) => {
    let rest = flat;
    let at = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]) * countOf(shape.slice(0, axis));
      rest = Math.floor(rest / shape[axis]);
    }
    reordered[at] = element;
  });
  return reordered;
}

export interface NpyLayout {
  version?: 1 | 2 | 3;
  fortran?: boolean;
  bigEndian?: boolean;
}

/** What stands before the elements of a `.npy` file, with any text as its dict and any length told of it. */
export function npyPrefix(text: string, version: 1 | 2 | 3 = 1, length = Buffer.byteLength(text)): Buffer {
  const prefix = Buffer.alloc(version === 1 ? 10 : 12);
  prefix.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) prefix.writeUInt16LE(length, 8);
  else prefix.writeUInt32LE(length, 8);
  return Buffer.concat([prefix, Buffer.from(text, 'utf8')]);
}

/** The header NumPy writes: its length is a multiple of 64 and ends with a newline. */
export function npyHeader(dtype: Dtype, shape: readonly number[], layout: NpyLayout = {}): Buffer {
  const { version = 1, fortran = false, bigEndian = false } = layout;
  const order = itemSize(dtype) === 1 ? '|' : bigEndian ? '>' : '<';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${order}${types[dtype][0]}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const unpadded = (version === 1 ? 10 : 12) + dict.length + 1;
  return npyPrefix(`${dict}${' '.repeat((64 - (unpadded % 64)) % 64)}\n`, version);
}

/** A whole `.npy` file of row-major elements, which are reordered when the layout asks for it. */
export function npyFile(
  dtype: Dtype,
  shape: readonly number[],
  elements: readonly Element[],
  layout: NpyLayout = {},
): Buffer {
  const ordered = layout.fortran ? toFortran(elements, shape) : elements;
  return Buffer.concat([npyHeader(dtype, shape, layout), bytesOf(dtype, ordered, layout.bigEndian)]);
}

/** A `.npy` file of elements that are there already, for large ones. */
export function npyOf(array: Uint8Array | Float32Array | Float64Array, shape: readonly number[]): Buffer {
  const dtype = array instanceof Uint8Array ? 'uint8' : array instanceof Float32Array ? 'float32' : 'float64';
  return Buffer.concat([npyHeader(dtype, shape), Buffer.from(array.buffer, array.byteOffset, array.byteLength)]);
}

export interface NpyAnswer {
  dtype: Dtype;
  shape: number[];
  /** Little-endian, row-major. */
  data: Buffer;
}

/** Reads an answer as NumPy does; throws when it is not a version 1.0 file in C order and little-endian. */
export function readNpy(bytes: Uint8Array): NpyAnswer {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = file.toString('latin1', 0, 8);
  if (magic !== '\x93NUMPY\x01\x00') throw new Error(`no npy 1.0: ${JSON.stringify(magic)}`);
  const start = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, start);
  const match = /^\{'descr': '[<|](\w\d)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n$/.exec(header);
  if (!match || start % 64 !== 0) throw new Error(`no header as NumPy writes it: ${JSON.stringify(header)}`);
  const dtype = dtypes.find((name) => types[name][0] === match[1]);
  if (!dtype) throw new Error(`no dtype ${match[1]}`);
  const shape = match[2].split(',').flatMap((length) => (length.trim() === '' ? [] : [Number(length)]));
  return { dtype, shape, data: file.subarray(start) };
}

/** The types of an IDX file. */
export const idxTypes = { uint8: 0x08, int8: 0x09, int16: 0x0b, int32: 0x0c, float32: 0x0d, float64: 0x0e } as const;

/** An IDX file: two zeros, the type, the rank, big-endian lengths and elements. */
export function idxFile(dtype: keyof typeof idxTypes, shape: readonly number[], elements: readonly Element[]): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, idxTypes[dtype], shape.length]);
  shape.forEach((length, axis) => {
    header.writeUInt32BE(length, 4 + 4 * axis);
  });
  return Buffer.concat([header, bytesOf(dtype, elements, true)]);
}
