/** Every format that arrays go and come in, as a table that the tests of all formats run through. */
import { arrowStream, readArrowStream } from './arrow/arrow-tables.ts';
import { bytesOf, type Dtype, type Element, idxFile, idxTypes, npyFile, readNpy } from './arrays.ts';
import { multipartOf } from './multipart/multiparts.ts';
import { npzOf, unzip, zipOf } from './npz/zips.ts';

export interface Elements {
  dtype: Dtype;
  shape: number[];
  /** Row-major; without -0, which JSON.stringify writes as 0. */
  elements: Element[];
}

/** An array as bits: what is the same in every format. */
export interface Bits {
  dtype: Dtype;
  shape: number[];
  /** Little-endian, row-major. */
  data: Buffer;
}

/** One way to write an array as the body of a request. */
export interface RequestFormat {
  name: string;
  /** The Content-Type. */
  type: string;
  /** The body, or null where the format has no such dtype or shape. */
  write(array: Elements): Buffer | null;
  /** How many of its last bytes a body may lack without being broken: a table of text may well end a line earlier. */
  mayLack: number;
}

/** One way to read the array out of an answer. */
export interface AnswerFormat {
  type: string;
  read(body: Buffer): Bits;
  /** Whether the format holds an array of this shape, with its dtype. */
  holds(array: Pick<Elements, 'dtype' | 'shape'>): boolean;
}

const inJson = (data: unknown) => Buffer.from(JSON.stringify({ data }));
const plain = (elements: readonly Element[]) => elements.map(Number);

const single: RequestFormat[] = [
  {
    name: 'JSON, nested',
    type: 'application/json',
    mayLack: 0,
    write: ({ dtype, shape, elements }) => (dtype === 'float64' ? inJson(nested(plain(elements), shape)) : null),
  },
  {
    name: 'JSON, flat',
    type: 'application/json',
    mayLack: 0,
    write: ({ dtype, shape, elements }) => inJson({ dtype, shape, data: plain(elements) }),
  },
  {
    name: 'JSON, base64',
    type: 'application/json',
    mayLack: 0,
    write: ({ dtype, shape, elements }) =>
      inJson({ dtype, shape, base64: bytesOf(dtype, elements).toString('base64') }),
  },
  {
    name: 'npy',
    type: 'application/x-npy',
    mayLack: 0,
    write: ({ dtype, shape, elements }) => npyFile(dtype, shape, elements),
  },
  {
    name: 'npy 3.0, Fortran order, big-endian',
    type: 'application/x-npy',
    mayLack: 0,
    write: ({ dtype, shape, elements }) =>
      npyFile(dtype, shape, elements, { version: 3, fortran: true, bigEndian: true }),
  },
  {
    name: 'npz, stored',
    type: 'application/x-npz',
    mayLack: 0,
    write: ({ dtype, shape, elements }) => npzOf({ data: npyFile(dtype, shape, elements) }),
  },
  {
    name: 'npz, deflated to a pipe',
    type: 'application/x-npz',
    mayLack: 0,
    write: ({ dtype, shape, elements }) =>
      zipOf([{ name: 'data.npy', content: npyFile(dtype, shape, elements), deflate: true, descriptor: 'signed' }]),
  },
  {
    // A stream may end without the 8 bytes that say so.
    name: 'Arrow',
    type: 'application/vnd.apache.arrow.stream',
    mayLack: 8,
    write: ({ dtype, shape, elements }) => arrowStream(dtype, shape, elements),
  },
  {
    // It ends wherever it is cut.
    name: 'CSV',
    type: 'text/csv',
    mayLack: Infinity,
    write({ dtype, shape, elements }) {
      if (dtype !== 'float64' || shape.length !== 2 || shape.includes(0)) return null;
      const rows = nested(plain(elements), shape) as number[][];
      return Buffer.from(rows.map((row) => row.join(',')).join('\r\n'));
    },
  },
  {
    name: 'IDX',
    type: 'application/octet-stream',
    mayLack: 0,
    write: ({ dtype, shape, elements }) =>
      dtype in idxTypes ? idxFile(dtype as keyof typeof idxTypes, shape, elements) : null,
  },
  {
    name: 'npy that says nothing of itself',
    type: 'application/octet-stream',
    mayLack: 0,
    write: ({ dtype, shape, elements }) => npyFile(dtype, shape, elements),
  },
];

const boundary = '------------------------d74496d66958873e';

/** Each format as a part of a multipart body; JSON is the tensor alone there. */
const parts: RequestFormat[] = single.map(({ name, type, write }) => ({
  name: `multipart with ${name}`,
  type: `multipart/form-data; boundary=${boundary}`,
  mayLack: '\r\n'.length,
  write(array) {
    const body = write(array);
    const content = body && type === 'application/json' ? JSON.stringify(JSON.parse(body.toString()).data) : body;
    return content === null ? null : multipartOf(boundary, { request: '{}', data: { type, content } });
  },
}));

export const requestFormats: readonly RequestFormat[] = [...single, ...parts];

export const answerFormats: readonly AnswerFormat[] = [
  {
    type: 'application/x-npy',
    read: readNpy,
    holds: () => true,
  },
  {
    type: 'application/x-npz',
    read: (body) => readNpy(unzip(body)['data.npy']),
    holds: () => true,
  },
  {
    type: 'application/vnd.apache.arrow.stream',
    read: readArrowStream,
    holds: ({ shape }) => shape.length === 2 && shape[1] > 0,
  },
  {
    type: 'text/csv',
    read(body) {
      const rows = body
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => line.split(',').map(Number));
      return { dtype: 'float64', shape: [rows.length, rows[0].length], data: bytesOf('float64', rows.flat()) };
    },
    // Infinities and NaN are read in csv-read.test.ts; an array without rows has no lines.
    holds: ({ dtype, shape }) => dtype === 'float64' && shape.length === 2 && !shape.includes(0),
  },
  {
    type: 'application/json',
    read(body) {
      const { data } = JSON.parse(body.toString());
      const shape: number[] = [];
      for (let list = data; Array.isArray(list); list = list[0]) shape.push(list.length);
      return { dtype: 'float64', shape, data: bytesOf('float64', [data].flat(Infinity) as number[]) };
    },
    // Nested lists, as every body but JSON gets them, say nothing of their dtype.
    holds: ({ dtype }) => dtype === 'float64',
  },
];

function nested(elements: readonly number[], shape: readonly number[]): unknown {
  if (shape.length === 0) return elements[0];
  const [length, ...inner] = shape;
  const size = elements.length / Math.max(length, 1);
  return Array.from({ length }, (_, at) => nested(elements.slice(at * size, (at + 1) * size), inner));
}
