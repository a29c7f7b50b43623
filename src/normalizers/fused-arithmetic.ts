import { kernels, copyIn, allocate } from '#kernels/kernels.ts';
import { dtypeNumber, type View } from '#kernels/view.ts';
import { loadTile } from '#statistics/reduce-block.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import { type Layout, type Tile, tileCapacity } from '#tensor/layout.ts';
import type { Operand, Step } from './steps.ts';

export const operations = { add: 0, subtract: 1, multiply: 2, divide: 3, maximum: 4, minimum: 5 } as const;

type ArithmeticStep = Extract<Step, { op: keyof typeof operations }>;

/** How an operand runs along a tile: one for all, one per row, one per column. */
export const modes = { one: 0, perRow: 1, perColumn: 2 } as const;

/** Whether a formula is arithmetic alone, so that one kernel computes it from end to end. */
export function isArithmetic(steps: readonly Step[]): steps is ArithmeticStep[] {
  return steps.every(({ op }) => op in operations);
}

/** Puts the operands of a step into the kernels' memory, and gives the address of the first. */
export function placeOperand(by: Operand, rowIsSlice: boolean): { mode: number; operand: number } {
  if (typeof by === 'number') return { mode: modes.one, operand: copyIn(Float64Array.of(by)) };
  return { mode: rowIsSlice ? modes.perRow : modes.perColumn, operand: copyIn(by) };
}

/**
 * A function that computes a formula for a tile and stores it.
 * @param from the slice that the operands begin with
 * @param output address of the output, as long as the view
 */
export function arithmeticOf(
  view: View,
  { rowIsSlice }: Layout,
  steps: readonly ArithmeticStep[],
  { from, dtype, refuse, output }: { from: number; dtype: FloatDtype; refuse: number; output: number },
): (tile: Tile) => void {
  const program = placeProgram(
    steps,
    rowIsSlice,
    dtype === 'float32' && (view.dtype === 'float32' || view.dtype === 'uint8'),
  );
  const x = allocate(tileCapacity * 8);
  const [input, out] = [dtypeNumber(view.dtype), dtypeNumber(dtype)];
  const [inputSize, outputSize] = [itemSize(view.dtype), itemSize(dtype)];
  /** What is before this address may be output already. */
  const refuseFrom = (address: number) => {
    const first = (address - view.address) / inputSize;
    const columns = Math.min(tileCapacity, view.count - first);
    loadTile(view, { offset: first, rows: 1, columns, stride: columns, slice: 0 }, x, refuse);
  };
  return (tile) => {
    const { offset, rows, columns, stride, slice } = tile;
    const at = view.address + offset * inputSize;
    const to = output + offset * outputSize;
    const sliceAt = (slice - from) * 8;
    const saw = kernels.transform(
      input,
      at,
      stride,
      rows,
      columns,
      program,
      steps.length,
      sliceAt,
      rowIsSlice,
      out,
      to,
      refuse,
    );
    if (saw & refuse) refuseFrom(kernels.refused_at());
  };
}

/**
 * The steps as the kernel reads them: five 32-bit words each.
 * @param isSingle whether float32 or uint8 becomes float32: then the kernel may divide by means of inverses
 */
function placeProgram(steps: readonly ArithmeticStep[], rowIsSlice: boolean, isSingle: boolean): number {
  const words = steps.flatMap(({ op, by }, at) => {
    reserveApart(3 * at);
    const { mode, operand } = placeOperand(by, rowIsSlice);
    const inverses = isSingle && op === 'divide' ? placeInverses(operand, by) : [0, 0];
    return [operations[op], mode, operand, ...inverses];
  });
  const program = allocate(words.length * 4);
  new Uint32Array(kernels.memory.buffer, program, words.length).set(words);
  return program;
}

/** The addresses of what encloses the inverses of divisors from below and from above. */
function placeInverses(divisors: number, by: Operand): [number, number] {
  const count = typeof by === 'number' ? 1 : by.length;
  reserveApart(1);
  const near = allocate(count * 8);
  reserveApart(2);
  const far = allocate(count * 8);
  kernels.enclose_inverses(divisors, count, near, far);
  return [near, far];
}

/**
 * Makes the next allocation start in the given quarter of a page. Arrays that are read in parallel are a third slower
 * if they have about the same offset within a page.
 */
function reserveApart(quarter: number): void {
  const next = allocate(0);
  allocate((quarter * 1024 - next) & 4095);
}
