import { seeded } from '../test/seeded.ts';
import { type Body, json } from './messages.ts';
import type { Message } from './send-request.ts';

/** Different bodies of a scenario; one in so many has other options than the rest. */
const [bodies, eachOther] = [500, 10];

/** Columns of the stored normalizer, and rows that it is fitted on. */
const [width, fittedRows] = [20, 100];

const names = Array.from({ length: width }, (_, at) => `feature_${at}`);

/** Options of the few that differ. */
const otherNormalizers = [
  { method: 'norm', order: 1 },
  { method: 'zscore', axis: 1 },
  { method: 'minmax', feature_range: [-1, 1], axis: 1 },
  { method: 'norm', axis: 0 },
  { method: 'maxabs', axis: 1 },
];

const others = [
  { output_dtype: 'float32' },
  { include: ['data'], extra_columns: 'drop' },
  { statistics: { axis: null }, include: ['data'] },
];

/** L2 per row of nested lists. */
export function l2Bodies(rows: number, columns: number, include?: readonly string[]): Body[] {
  return varied(otherNormalizers, (random, other) => {
    const data = Array.from({ length: rows }, () => rowOf(columns, random));
    return { normalizer: other ?? { method: 'norm' }, include, data };
  });
}

/** One row for the stored normalizer, for the data alone. */
export function rowBodies(): Body[] {
  return varied(others, (random, other) => ({ include: ['data'], ...other, data: [rowOf(width, random)] }));
}

/** The same by the names of its columns, not in their order. */
export function recordBodies(): Body[] {
  return varied(others, (random, other) => {
    const row = rowOf(width, random);
    const record = Object.fromEntries(row.map((value, at) => [names[(7 * at) % width], value]));
    return { include: ['data'], ...other, data: [record] };
  });
}

const typesOfOutput = ['FP64', 'FP32'];

export function tensorBodies(): Body[] {
  return varied(typesOfOutput, (random, other) => ({
    inputs: [{ name: 'input', datatype: 'FP64', shape: [1, width], data: rowOf(width, random) }],
    parameters: other && { output_dtype: other },
  }));
}

/** The same with the numbers as bytes behind the JSON. */
export function binaryTensorBodies(): Body[] {
  const random = seeded(5);
  return Array.from({ length: bodies }, () => {
    const tensor = Buffer.from(Float64Array.from(rowOf(width, random)).buffer);
    const parameters = { binary_data_size: tensor.length };
    const inputs = [{ name: 'input', datatype: 'FP64', shape: [1, width], parameters }];
    const head = Buffer.from(JSON.stringify({ inputs, parameters: { binary_data_output: true } }));
    return {
      type: 'application/octet-stream',
      headers: { 'inference-header-content-length': String(head.length) },
      body: Buffer.concat([head, tensor]),
    };
  });
}

/** Stores the normalizer that the rows meet. */
export const storeRows: Message = (() => {
  const random = seeded(6);
  const rows = Array.from({ length: fittedRows }, () => rowOf(width, random));
  return {
    path: '/v1/normalizers/rows/versions',
    ...asJson({ normalizer: { method: 'zscore' }, data: { columns: names, data: rows } }),
  };
})();

/** Numbers between -1 and 1 with all their digits. */
function rowOf(length: number, random: () => number): number[] {
  return Array.from({ length }, () => 2 * random() - 1);
}

function varied<Other>(from: readonly Other[], make: (random: () => number, other?: Other) => object): Body[] {
  const random = seeded(4);
  return Array.from({ length: bodies }, (_, at) => {
    const other = at % eachOther === 0 ? from[(at / eachOther) % from.length] : undefined;
    return asJson(make(random, other));
  });
}

function asJson(body: object): Body {
  return { type: json, body: Buffer.from(JSON.stringify(body)) };
}
