/** An array as NumPy has it: row-major. */
export interface Tensor<Data extends TypedArray = TypedArray> {
  shape: readonly number[];
  data: Data;
}

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

const arrays = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '|i1': Int8Array,
  '<i2': Int16Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '|u1': Uint8Array,
  '<u2': Uint16Array,
  '<u4': Uint32Array,
  '<u8': BigUint64Array,
} as const;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Bytes before the header's text in version 1.0: magic, version, length. */
const prefixBytes = 10;

/** The data begin at a multiple of it. */
const alignment = 64;

/**
 * Writes `.npy` 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @throws RangeError if the shape does not hold as many elements as there are
 */
export function encodeNpy({ shape, data }: Tensor): Uint8Array<ArrayBuffer> {
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== data.length)
    throw new RangeError(`The shape [${shape.join(', ')}] has ${size} elements, the data ${data.length}.`);
  const descr = Object.entries(arrays).find(([, type]) => data instanceof type)?.[0];
  if (!descr) throw new TypeError('The data are no typed array that npy has.');
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${lengths}), }`;
  const start = Math.ceil((prefixBytes + text.length + 1) / alignment) * alignment;
  const header = `${text.padEnd(start - prefixBytes - 1)}\n`;
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set([...magic, 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), prefixBytes);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/**
 * Reads `.npy` as the service writes it: row-major and little-endian. The data are a view on the bytes.
 * @throws TypeError if it is something else
 */
export function decodeNpy(bytes: Uint8Array<ArrayBuffer>): Tensor {
  if (magic.some((byte, at) => bytes[at] !== byte)) throw new TypeError('These bytes are no .npy file.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFirstVersion = bytes[6] === 1;
  const textStart = isFirstVersion ? prefixBytes : prefixBytes + 2;
  const textLength = isFirstVersion ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = textStart + textLength;
  const text = new TextDecoder().decode(bytes.subarray(textStart, start));
  const descr = /'descr': '([^']+)'/.exec(text)?.[1] ?? '';
  const lengths = /'shape': \(([^)]*)\)/.exec(text)?.[1];
  const type = Object.hasOwn(arrays, descr) ? arrays[descr as keyof typeof arrays] : undefined;
  if (!type || lengths === undefined || !text.includes("'fortran_order': False")) {
    throw new TypeError(`This .npy file is not read here: ${text.trim()}`);
  }
  const shape = lengths.split(',').flatMap((length) => (length.trim() ? [Number(length)] : []));
  const size = shape.reduce((product, length) => product * length, 1);
  const at = bytes.byteOffset + start;
  if (at % type.BYTES_PER_ELEMENT === 0) return { shape, data: new type(bytes.buffer, at, size) };
  return { shape, data: new type(bytes.slice(start).buffer, 0, size) };
}
