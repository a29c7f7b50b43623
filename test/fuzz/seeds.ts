import { Float32, makeVector, RecordBatchStreamWriter, Table, vectorFromArray } from 'apache-arrow';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { writeNpyHeader } from '#formats/npy/header.ts';
import type { ArrayDtype as Dtype } from '#tensor/dtype.ts';
import { zipOf } from '../formats/npz/zips.ts';

/** Sound bodies of every format that is no JSON: what the mutations start from. */
export async function seedsByType(): Promise<Record<string, Uint8Array[]>> {
  const doubles = Float64Array.of(1, 2, 3.5, -4, 5, 60);
  const npys = [
    npy('float64', [3, 2], doubles),
    npy('float64', [3, 2], doubles, true),
    npy('float32', [2, 3], Float32Array.from(doubles)),
    npy('uint8', [2, 2, 2], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
    npy('int64', [4], BigInt64Array.of(1n, -2n, 3n, 4n)),
    npy('bool', [4], Uint8Array.of(0, 1, 1, 0)),
    npy('float64', [0, 3], new Float64Array(0)),
    npy('float64', [], Float64Array.of(7)),
  ];
  const weights = npy('float64', [3], Float64Array.of(1, 2, 3));
  const idx = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8);
  return {
    'application/x-npy': npys,
    'application/x-npz': [
      zipOf([{ name: 'data.npy', content: npys[0] }]),
      zipOf([{ name: 'data.npy', content: npys[2], deflate: true }]),
      zipOf([
        { name: 'sample_weight.npy', content: weights },
        { name: 'data.npy', content: npys[0], zip64: true },
      ]),
    ],
    'application/vnd.apache.arrow.stream': [
      await arrow(new Table({ a: vectorFromArray([1, 2, 3]), b: vectorFromArray([4.5, null, 6], new Float32()) })),
      await arrow(new Table({ x: makeVector(doubles) })),
    ],
    'application/vnd.apache.arrow.file': ['pyarrow.arrow', 'polars-lz4.arrow'].map(fixture),
    'application/vnd.apache.parquet': ['pyarrow-none.parquet', 'polars.parquet', 'duckdb.parquet'].map(fixture),
    'text/csv': ['a,b\n1,2\n3,4.5\n', '1,2,3\r\n4,5,6\r\n', '"a ""b""",c\n1e3,-2\n,5\n', 'a;t;b\n1,5;x;2\n', '7'].map(
      (text) => Buffer.from(text),
    ),
    'application/x-ndjson': ['{"a":1,"b":"x"}\n{"b":"y","a":2.5}\n', '{"a":true}\n'].map((text) => Buffer.from(text)),
    'application/octet-stream': [idx, gzipSync(idx)],
  };
}

/** A table as another library wrote it. */
function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/tables/files/${name}`, import.meta.url)));
}

function npy(dtype: Dtype, shape: number[], values: ArrayBufferView, fortran = false): Uint8Array {
  return Buffer.concat([writeNpyHeader(dtype, shape, fortran), new Uint8Array(values.buffer as ArrayBuffer)]);
}

async function arrow(table: Table): Promise<Uint8Array> {
  return RecordBatchStreamWriter.writeAll(table).toUint8Array();
}
