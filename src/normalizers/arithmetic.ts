import { bytesAt, kernels, place, reserve } from '#kernels/kernels.ts';
import { dtypeNumber, type View } from '#kernels/view.ts';
import { loadTile } from '#statistics/reduce.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import { type Layout, type Tile, tileCapacity } from '#tensor/layout.ts';
import type { Operand, Step } from './steps.ts';

type ArithmeticStep = Extract<Step, { op: 'add' | 'subtract' | 'multiply' | 'divide' }>;

export const operations = { add: 0, subtract: 1, multiply: 2, divide: 3 } as const;

/** How an operand runs along a tile: one for all, one per row, one per column. */
export const modes = { one: 0, perRow: 1, perColumn: 2 } as const;

/** Whether a formula is arithmetic alone, so that one kernel computes it from end to end. */
export function isArithmetic(steps: readonly Step[]): steps is ArithmeticStep[] {
  return steps.every(({ op }) => op in operations);
}

/** Puts the operands of a step into the kernels' memory, and gives the address of the first. */
export function placeOperand(by: Operand, rowIsSlice: boolean): { mode: number; operand: number } {
  if (typeof by === 'number') return { mode: modes.one, operand: place(Float64Array.of(by)) };
  return { mode: rowIsSlice ? modes.perRow : modes.perColumn, operand: place(by) };
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
  const program = placeProgram(steps, rowIsSlice);
  const x = reserve(tileCapacity * 8);
  const [input, out] = [dtypeNumber(view.dtype), dtypeNumber(dtype)];
  const [inputSize, outputSize] = [itemSize(view.dtype), itemSize(dtype)];
  return (tile) => {
    const { offset, rows, columns, stride, slice } = tile;
    const at = view.address + offset * inputSize;
    const to = output + offset * outputSize;
    const sliceAt = (slice - from) * 8;
    const saw = kernels.transform(
      ...([input, at, stride, rows, columns] as const),
      ...([program, steps.length, sliceAt, rowIsSlice] as const),
      ...([out, to, refuse] as const),
    );
    // The place of what is refused is found value by value.
    if (saw & refuse) loadTile(view, tile, x, refuse);
  };
}

/** The steps as the kernel reads them: three 32-bit words each. */
function placeProgram(steps: readonly ArithmeticStep[], rowIsSlice: boolean): number {
  const words = steps.flatMap(({ op, by }) => {
    const { mode, operand } = placeOperand(by, rowIsSlice);
    return [operations[op], mode, operand];
  });
  const program = reserve(words.length * 4);
  bytesAt(program, words.length * 4).set(new Uint8Array(Uint32Array.from(words).buffer));
  return program;
}
