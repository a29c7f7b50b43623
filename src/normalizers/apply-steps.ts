import { doublesAt, kernels, copyIn, allocate, withScratch } from '#kernels/kernels.ts';
import { dtypeNumber, type View } from '#kernels/view.ts';
import { problemAt } from '#errors.ts';
import { arithmeticOf, isArithmetic, modes, operations, placeOperand } from './fused-arithmetic.ts';
import { powerKinds } from '#statistics/power-moments.ts';
import { loadTile, locateInTile } from '#statistics/reduce-block.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import { eachTile, type Layout, type Tile, tileCapacity } from '#tensor/layout.ts';
import type { Operand, Step } from './steps.ts';

/** A step with its operands in the kernels' memory, ready for the tiles of one layout. */
type Placed = (x: number, tile: Tile) => void;

/**
 * Computes the steps for every value of a block. An output of the input's dtype is written over the input.
 * @param steps operands that run per slice start at slice `from`
 * @param refuse bits of `saw` that make the block an error
 * @returns the address of the output, `view.count` elements of `dtype`; freed with the surrounding `scoped`
 * @throws Problem not_finite or not_exact
 */
export function applySteps(
  view: View,
  layout: Layout,
  steps: readonly Step[],
  from: number,
  dtype: FloatDtype,
  refuse: number,
): number {
  const output = dtype === view.dtype ? view.address : allocate(view.count * itemSize(dtype));
  withScratch(() => {
    if (isArithmetic(steps)) {
      eachTile(layout, view.offset, view.count, arithmeticOf(view, layout, steps, { from, dtype, refuse, output }));
      return;
    }
    const placed = steps.map((step) => placeStep(step, view, layout.rowIsSlice, from));
    const x = allocate(tileCapacity * 8);
    eachTile(layout, view.offset, view.count, (tile) => {
      loadTile(view, tile, x, refuse);
      for (const step of placed) step(x, tile);
      const to = output + tile.offset * itemSize(dtype);
      kernels.store_tile(dtypeNumber(dtype), x, tile.rows, tile.columns, to, tile.stride);
    });
  });
  return output;
}

/** @param from the slice that the operands begin with */
function placeStep(step: Step, view: View, rowIsSlice: boolean, from: number): Placed {
  switch (step.op) {
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
      return withOperand(step, rowIsSlice, from, (x, tile, operand, mode) =>
        kernels.arithmetic(operations[step.op], x, tile.rows, tile.columns, operand, mode),
      );
    case 'yeo-johnson':
    case 'yeo-johnson-inverse':
    case 'box-cox':
    case 'box-cox-inverse':
      return withOperand(step, rowIsSlice, from, (x, tile, operand, mode) => {
        if (step.op === 'box-cox') refuseNonPositive(view, tile, x);
        kernels.power_step(powerKinds[step.op], x, tile.rows, tile.columns, operand, mode);
      });
    case 'stretch':
      return (x, { rows, columns }) => kernels.stretch(x, rows * columns, step.low, step.high);
    case 'clip':
      return (x, { rows, columns }) => kernels.clip(x, rows * columns, step.low, step.high);
    case 'normal_quantile':
      return (x, { rows, columns }) => kernels.normal_quantile(x, rows * columns);
    case 'normal_cdf':
      return (x, { rows, columns }) => kernels.normal_cdf(x, rows * columns);
    case 'to_rank':
    case 'from_rank':
      return ranking(step, rowIsSlice, from);
  }
}

type WithOperand = (x: number, tile: Tile, operand: number, mode: number) => void;

function withOperand({ by }: { by: Operand }, rowIsSlice: boolean, from: number, compute: WithOperand): Placed {
  const { operand, mode } = placeOperand(by, rowIsSlice);
  if (mode === modes.one) return (x, tile) => compute(x, tile, operand, mode);
  return (x, tile) => compute(x, tile, operand + (tile.slice - from) * 8, mode);
}

function refuseNonPositive(view: View, tile: Tile, x: number): void {
  const values = doublesAt(x, tile.rows * tile.columns);
  const at = values.findIndex((value) => value <= 0);
  if (at < 0) return;
  const { index, pointer } = locateInTile(view, tile, at);
  throw problemAt(
    'not_computable',
    pointer,
    `The value at index ${index} is ${values[at]}: Box-Cox takes positive values only.`,
  );
}

function ranking(step: Step & { op: 'to_rank' | 'from_rank' }, rowIsSlice: boolean, from: number): Placed {
  const count = step.references.length;
  const references = copyIn(step.references);
  const landmarks = copyIn(sliceAfterSlice(step.quantiles, count));
  const own = (slice: number) => landmarks + (slice - from) * count * 8;
  if (step.op === 'to_rank') {
    return (x, { rows, columns, slice }) =>
      kernels.to_rank(x, rows, columns, rowIsSlice, own(slice), count, references);
  }
  const { margin } = step;
  return (x, { rows, columns, slice }) =>
    kernels.from_rank(x, rows, columns, rowIsSlice, own(slice), count, references, margin);
}

/** Rows of one value per slice become one row per slice, so that a search stays within a few cache lines. */
function sliceAfterSlice(rows: Float64Array, count: number): Float64Array {
  const slices = rows.length / count;
  return rows.map((_, at) => rows[(at % count) * slices + Math.floor(at / count)]);
}

/** Converts a block to another dtype as it is; columns that a normalizer leaves alone pass this way. */
export function convert(view: View, dtype: FloatDtype): number {
  const flat: Layout = {
    slices: 1,
    keptShape: [],
    sliceLength: view.count,
    rowIsSlice: true,
    rowLength: view.offset + view.count,
    rows: 1,
    outer: [],
  };
  return applySteps(view, flat, [], 0, dtype, 0);
}
