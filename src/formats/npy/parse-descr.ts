import { type ArrayDtype, arrayTypes, itemSize } from '#tensor/dtype.ts';

/** The codes that NumPy writes. */
export const descrCodes: Record<ArrayDtype, string> = {
  bool: 'b1',
  uint8: 'u1',
  int8: 'i1',
  uint16: 'u2',
  int16: 'i2',
  uint32: 'u4',
  int32: 'i4',
  uint64: 'u8',
  int64: 'i8',
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
};

/** Characters for C's types, as NumPy has them on 64-bit Linux; they take a byte order, too. */
const characters: Record<ArrayDtype, string> = {
  bool: '?',
  uint8: 'B',
  int8: 'b',
  uint16: 'H',
  int16: 'h',
  uint32: 'I',
  int32: 'i',
  uint64: 'LQ',
  int64: 'lq',
  float16: 'e',
  float32: 'f',
  float64: 'd',
};

const dtypes = Object.keys(arrayTypes) as ArrayDtype[];

/** Names besides those of the dtypes themselves. They stand alone. */
const names: Readonly<Record<string, ArrayDtype>> = {
  bool_: 'bool',
  byte: 'int8',
  ubyte: 'uint8',
  short: 'int16',
  ushort: 'uint16',
  intc: 'int32',
  uintc: 'uint32',
  int: 'int64',
  uint: 'uint64',
  long: 'int64',
  ulong: 'uint64',
  longlong: 'int64',
  ulonglong: 'uint64',
  intp: 'int64',
  uintp: 'uint64',
  half: 'float16',
  single: 'float32',
  double: 'float64',
  float: 'float64',
};

/**
 * The dtype that a `descr` of an npy header names, as `numpy.dtype` reads it: `<f8`, `f8`, `float64`, `d`. Without a byte
 * order it is little-endian. Undefined where it names none that is served.
 */
export function parseDescr(descr: string): { dtype: ArrayDtype; bigEndian: boolean } | undefined {
  const named = dtypes.find((dtype) => dtype === descr) ?? (Object.hasOwn(names, descr) ? names[descr] : undefined);
  if (named) return { dtype: named, bigEndian: false };
  const [, order, code] = /^([<>=|]?)(\w\d?|\?)$/.exec(descr) ?? [];
  if (code === undefined) return undefined;
  const dtype = dtypes.find((one) => descrCodes[one] === code || (code.length === 1 && characters[one].includes(code)));
  return dtype && { dtype, bigEndian: order === '>' && itemSize(dtype) > 1 };
}
