import { Problem, excerpt } from '#errors.ts';
import { type ArrayDtype, arrayTypes, itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import { descrCodes, parseDescr } from './parse-descr.ts';

/** The header of a `.npy` file. */
export interface NpyHeader {
  dtype: ArrayDtype;
  /** False if an element is one byte. */
  bigEndian: boolean;
  /** Whether the first axis varies fastest. */
  fortran: boolean;
  shape: number[];
  /** Bytes before the first element. */
  dataOffset: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** Maximum bytes of a header; NumPy writes a few hundred at most. */
const maxHeaderBytes = 2 ** 20;

/** The data start at a multiple of this, for memory-mapped files. */
const alignment = 64;

/** NumPy leaves room for this many digits in the length of the axis that grows when appending. */
const growthDigits = 21;

/**
 * Reads the header of a `.npy` file, version 1.0, 2.0 or 3.0.
 *
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @param bytes the start of the file, as far as it has arrived
 * @returns null if the header is still incomplete
 * @throws Problem broken_body if this is not an npy header; invalid_data for an unsupported dtype or a shape with too
 *   many elements; rank_too_high
 */
export function readNpyHeader(bytes: Uint8Array): NpyHeader | null {
  if (magic.some((byte, at) => at < bytes.length && bytes[at] !== byte)) {
    throw broken('it does not start with \\x93NUMPY');
  }
  const [major, minor] = bytes.subarray(magic.length);
  if (major === 0 || major > 3 || minor > 0) throw broken('its version is not 1.0, 2.0 or 3.0');
  const textOffset = major === 1 ? 10 : 12;
  if (bytes.length < textOffset) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textLength = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (textLength > maxHeaderBytes) throw broken(`it declares a header of ${textLength} bytes`);
  const dataOffset = textOffset + textLength;
  if (bytes.length < dataOffset) return null;
  // Version 3.0 is UTF-8 because of field names; everything supported here is ASCII.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + textOffset, textLength).toString('latin1');
  return { ...parseText(text), dataOffset };
}

/**
 * The header that `numpy.save` writes before little-endian elements, byte for byte. A shape of at most 8 axes always
 * fits version 1.0.
 */
export function writeNpyHeader(dtype: ArrayDtype, shape: readonly number[], fortran = false): Uint8Array {
  const descr = `${itemSize(dtype) === 1 ? '|' : '<'}${descrCodes[dtype]}`;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const growing = shape.length === 0 ? growthDigits : String(fortran ? shape.at(-1) : shape[0]).length;
  const unpadded = 10 + dict.length + (growthDigits - growing) + 1;
  // Like NumPy, pads even an aligned header, by 64 bytes.
  const length = (Math.floor(unpadded / alignment) + 1) * alignment;
  const header = Buffer.alloc(length, ' ');
  header.set([...magic, 1, 0]);
  header.writeUInt16LE(length - 10, 8);
  header.write(dict, 10, 'latin1');
  header.write('\n', length - 1, 'latin1');
  return new Uint8Array(header.buffer, header.byteOffset, length);
}

const blanks = String.raw`[ \t\r\n]*`;
const key = String.raw`(['"])(\w*)\1`;
const value = String.raw`(['"])([^'"\\]*)\3|(True|False)|\(([^()]*)\)`;

/** An item of the dict: a key and its value (a string, a boolean or a tuple) with a comma, or the start of a list. */
const item = new RegExp(`${blanks}${key}${blanks}:${blanks}(?:(?:${value})${blanks}(?:,|(?=\\}))|(\\[))`, 'y');
const open = new RegExp(`${blanks}\\{`, 'y');
const close = new RegExp(`${blanks}\\}${blanks}$`, 'y');

/** Parses the Python literal: a dict of exactly descr, fortran_order and shape, in any order. */
function parseText(text: string): Omit<NpyHeader, 'dataOffset'> {
  const found: { descr?: string; fortran_order?: string; shape?: string } = {};
  open.lastIndex = 0;
  if (!open.test(text)) throw broken('its header is not a dict');
  item.lastIndex = open.lastIndex;
  for (;;) {
    const start = item.lastIndex;
    const match = item.exec(text);
    if (!match) {
      close.lastIndex = start;
      if (!close.test(text)) throw broken(`its header cannot be parsed at byte ${start}`);
      break;
    }
    const [, , name, , string, boolean, tuple, list] = match;
    if (name !== 'descr' && name !== 'fortran_order' && name !== 'shape') {
      throw broken(`its header has an unknown key ${quote(name)}`);
    }
    if (found[name] !== undefined) throw broken(`its header has ${name} twice`);
    if (name === 'descr' && list) throw unserved('structured');
    found[name] = { descr: string, fortran_order: boolean, shape: tuple }[name];
    if (found[name] === undefined) throw broken(`its ${name} is not ${expected[name]}`);
  }
  const { descr, fortran_order: fortran, shape } = found;
  if (descr === undefined || fortran === undefined || shape === undefined) {
    throw broken('its header lacks descr, fortran_order or shape');
  }
  const read = parseDescr(descr);
  if (!read) throw unserved(quote(descr));
  return { ...read, fortran: fortran === 'True', shape: parseShape(shape) };
}

const expected = { descr: 'a string', fortran_order: 'True or False', shape: 'a tuple' };

/** What the tuple's parentheses hold: lengths with a comma after each; the last of several may go without.
 * Python 2 wrote an L behind long ones. */
function parseShape(tuple: string): number[] {
  const parts = tuple.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  else if (parts.length === 1) throw broken(`its shape (${excerpt(parts[0], 40)}) is not a tuple`);
  const shape = parts.map((part) => Number(/^(0+|[1-9]\d*)L?$/.exec(part)?.[1] ?? NaN));
  const bad = shape.findIndex((length) => !Number.isSafeInteger(length));
  if (bad !== -1) throw broken(`its shape has an invalid length ${quote(parts[bad])}`);
  elementCount(shape);
  return shape;
}

function broken(what: string): Problem {
  return new Problem('broken_body', `This is not a valid .npy file: ${what}.`);
}

function unserved(name: string): Problem {
  return new Problem(
    'invalid_data',
    `Unsupported npy dtype ${name}; supported: ${Object.keys(arrayTypes).join(', ')}.`,
  );
}

function quote(text: string): string {
  return JSON.stringify(excerpt(text, 40));
}
