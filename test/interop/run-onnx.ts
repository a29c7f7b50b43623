import * as ort from 'onnxruntime-web/wasm';
import { type ArrayDtype, type Dtype, itemSize } from '#tensor/dtype.ts';
import type { Tensor } from '#tensor/tensor.ts';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const arrays = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} satisfies Record<ArrayDtype, unknown>;

/** Runs a model in onnxruntime (its WebAssembly build, on one thread) and gives its one output. */
export async function runOnnx(model: Uint8Array, { dtype, shape, buffer }: Tensor): Promise<Tensor> {
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  try {
    const named = dtype as ArrayDtype;
    const { output } = await session.run({ input: new ort.Tensor(named, new arrays[named](buffer) as never, shape) });
    const data = output.data as Uint8Array;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { dtype: output.type as Dtype, shape: [...output.dims], buffer: bytes.slice().buffer };
  } finally {
    await session.release();
  }
}

/** A tensor of another dtype with the same values, as near as that can hold them; a bool is whether a value is above 2. */
export function tensorOf(dtype: ArrayDtype, shape: number[], values: readonly number[]): Tensor {
  const array =
    dtype === 'float16'
      ? Float16Array.from(values)
      : dtype === 'int64' || dtype === 'uint64'
        ? arrays[dtype].from(values.map((value) => BigInt(Math.trunc(value))) as never)
        : new arrays[dtype](dtype === 'bool' ? values.map((value) => Number(value > 2)) : values);
  if (array.byteLength !== values.length * itemSize(dtype)) throw new Error(`${dtype} has another size`);
  return { dtype, shape, buffer: array.buffer };
}

export function numbersOf({ dtype, buffer }: Tensor): number[] {
  if (dtype === 'float16') return Array.from(new Float16Array(buffer));
  return Array.from(new arrays[dtype as ArrayDtype](buffer) as Iterable<number | bigint>, Number);
}
