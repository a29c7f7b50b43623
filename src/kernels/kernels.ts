import { readFileSync } from 'node:fs';
import type { Kernels } from './kernel-functions.ts';

/** What `load_tile` saw in a tile: bits of its result. */
export const tileFlags = { nan: 1, infinity: 2, inexact: 4 } as const;

const module = new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));

/** The kernels of this thread, with a memory of their own. */
export const kernels = new WebAssembly.Instance(module).exports as Kernels;

/** Kernels with a memory of their own that goes with them: for what needs hundreds of megabytes once. */
export function separateKernels(): Kernels {
  return new WebAssembly.Instance(module).exports as Kernels;
}

const pageSize = 2 ** 16;
const alignment = 64;

/** Bytes a kernel may read past what it was given. */
const padding = 64;

let next = Math.ceil(kernels.heap_base() / alignment) * alignment;

/** Runs `work` and then frees what it reserved: the memory belongs to one task at a time. */
export function withScratch<Result>(work: () => Result): Result {
  const before = next;
  try {
    return work();
  } finally {
    next = before;
  }
}

/** Reserves `bytes` of the kernels' memory until the surrounding `withScratch` ends, and returns their address. */
export function allocate(bytes: number): number {
  const address = next;
  next = Math.ceil((address + bytes + padding) / alignment) * alignment;
  const missing = next - doubles().byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / pageSize));
  return address;
}

/** Bytes of the kernels' memory. A view: `allocate` may detach it. */
export function bytesAt(address: number, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(kernels.memory.buffer, address, length);
}

/** Float64 values of the kernels' memory. A view: `allocate` may detach it. */
export function doublesAt(address: number, length: number): Float64Array<ArrayBuffer> {
  return new Float64Array(kernels.memory.buffer, address, length);
}

/** Float64 values copied out of the kernels' memory. */
export function copyOfDoubles(address: number, length: number): Float64Array<ArrayBuffer> {
  return doubles().slice(address / 8, address / 8 + length);
}

/** Fills float64 values of the kernels' memory. */
export function fillDoubles(address: number, length: number, value: number): void {
  doubles().fill(value, address / 8, address / 8 + length);
}

let whole = new Float64Array(kernels.memory.buffer);

/** The whole memory: one view for all small reads and writes, made anew when the memory has grown. */
function doubles(): Float64Array<ArrayBuffer> {
  if (whole.length === 0) whole = new Float64Array(kernels.memory.buffer);
  return whole;
}

/** Copies indexes into the kernels' memory, as 32 bits each, and returns their address. */
export function copyIndexesIn(indexes: ArrayLike<number>): number {
  const address = allocate(indexes.length * 4);
  new Uint32Array(kernels.memory.buffer, address, indexes.length).set(indexes);
  return address;
}

/** Copies values into the kernels' memory and returns their address. */
export function copyIn(values: Float64Array): number {
  const address = allocate(values.byteLength);
  doubles().set(values, address / 8);
  return address;
}
