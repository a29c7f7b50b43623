import { doublesAt, kernels, copyIn, allocate, tileFlags, withScratch } from '#kernels/kernels.ts';
import { dtypeNumber, type View } from '#kernels/view.ts';
import { problemAt } from '#errors.ts';
import { arithmeticOf, isArithmetic, modes, operations, placeOperand } from './fused-arithmetic.ts';
import { powerKinds } from '#statistics/power/power-moments.ts';
import { loadTile, locateInTile } from '#statistics/reduce-block.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import { eachTile, type Layout, type Tile, tileCapacity } from '#tensor/layout.ts';
import { type ElementwiseStep, lengthBeforeFill, type Operand, type PowerStep } from './steps.ts';

/** The kernels' numbers of the logarithms. */
const logKinds = {
  log: 0,
  'log-inverse': 1,
  log1p: 2,
  'log1p-inverse': 3,
  symlog: 4,
  'symlog-inverse': 5,
  asinh: 6,
  'asinh-inverse': 7,
} as const;

/** Logarithms take what is above this. */
const logBounds = { log: 0, log1p: -1 } as const;

/** A step with its operands in the kernels' memory, ready for the tiles of one layout. */
type Placed = (x: number, tile: Tile) => void;

/**
 * Computes the steps for every value of a block. An output of the input's dtype is written over the input.
 * @param steps operands that run per slice start at slice `from`
 * @param refuse bits of `tileFlags` that make the block an error; where NaN does, so does a value outside a step's domain
 * @returns the address of the output, `view.count` elements of `dtype`; freed with the surrounding `withScratch`
 * @throws Problem not_finite or not_exact
 */
export function applySteps(
  view: View,
  layout: Layout,
  steps: readonly ElementwiseStep[],
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
    const { rowIsSlice } = layout;
    const placed = steps.map((step) => placeStep(step, { view, rowIsSlice, from, refuse }));
    const formula = placed.slice(0, lengthBeforeFill(steps));
    const fill = placed.slice(formula.length);
    const x = allocate(tileCapacity * 8);
    eachTile(layout, view.offset, view.count, (tile) => {
      loadTile(view, tile, x, refuse);
      for (const step of formula) step(x, tile);
      const { rows, columns, stride } = tile;
      const first = view.address + tile.offset * itemSize(view.dtype);
      kernels.check_tile(dtypeNumber(view.dtype), first, stride, rows, columns, x, dtypeNumber(dtype));
      for (const step of fill) step(x, tile);
      const to = output + tile.offset * itemSize(dtype);
      kernels.store_tile(dtypeNumber(dtype), x, rows, columns, to, stride);
    });
  });
  return output;
}

interface Context {
  view: View;
  rowIsSlice: boolean;
  /** The slice that the operands begin with. */
  from: number;
  refuse: number;
}

/** A step in the kernels' memory, for tiles of float64. */
export function placeStep(step: ElementwiseStep, context: Context): Placed {
  const { view, rowIsSlice, from } = context;
  switch (step.op) {
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'maximum':
    case 'minimum':
      return withOperand(step, rowIsSlice, from, (x, tile, operand, mode) =>
        kernels.arithmetic(operations[step.op], x, tile.rows, tile.columns, operand, mode),
      );
    case 'yeo-johnson':
    case 'yeo-johnson-inverse':
    case 'box-cox':
    case 'box-cox-inverse':
      return placePower(step, view, rowIsSlice, from);
    case 'log':
    case 'log1p':
      return logarithm(step.op, context);
    case 'log-inverse':
    case 'log1p-inverse':
    case 'symlog':
    case 'symlog-inverse':
    case 'asinh':
    case 'asinh-inverse':
      return (x, { rows, columns }) => kernels.log_step(logKinds[step.op], x, rows * columns);
    case 'stretch':
      return (x, { rows, columns }) => kernels.stretch(x, rows * columns, step.low, step.high);
    case 'fill':
      return (x, { rows, columns }) => kernels.fill_nan(x, rows * columns, step.with);
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

function placePower(step: PowerStep, view: View, rowIsSlice: boolean, from: number): Placed {
  const kind = powerKinds[step.op];
  const references = step.reference && copyIn(step.reference);
  return withOperand(step, rowIsSlice, from, (x, tile, operand, mode) => {
    if (step.op === 'box-cox') refuseNonPositive(view, tile, x);
    const { rows, columns, slice } = tile;
    if (references === undefined) kernels.power_step(kind, x, rows, columns, operand, mode);
    else kernels.power_near_step(kind, x, rows, columns, operand, references + (slice - from) * 8, mode);
  });
}

function refuseNonPositive(view: View, tile: Tile, x: number): void {
  const values = doublesAt(x, tile.rows * tile.columns);
  const at = values.findIndex((value) => value <= 0);
  if (at < 0) return;
  const { index, pointer } = locateInTile(view, tile, at);
  throw problemAt(
    'not_computable',
    pointer,
    `The value at index ${index} is ${values[at]}; Box-Cox requires positive values.`,
  );
}

/** A logarithm that does not take every value: one outside is an error where NaN is, and otherwise NaN or −∞. */
function logarithm(op: keyof typeof logBounds, { view, refuse }: Context): Placed {
  const bound = logBounds[op];
  return (x, tile) => {
    const count = tile.rows * tile.columns;
    if (refuse & tileFlags.nan && kernels.count_at_most(x, count, bound) > 0)
      throw outsideDomain(view, tile, x, bound, op);
    kernels.log_step(logKinds[op], x, count);
  };
}

function outsideDomain(view: View, tile: Tile, x: number, bound: number, op: string) {
  const values = doublesAt(x, tile.rows * tile.columns);
  const at = values.findIndex((value) => value <= bound);
  const { index, pointer } = locateInTile(view, tile, at);
  return problemAt(
    'not_computable',
    pointer,
    `The value at index ${index} is outside the domain: ${op} takes what is above ${bound}, and with the offset it is ${values[at]}. A larger offset, kind 'symlog' or 'asinh' take it; nan_policy 'omit' makes NaN of it.`,
  );
}

function ranking(step: ElementwiseStep & { op: 'to_rank' | 'from_rank' }, rowIsSlice: boolean, from: number): Placed {
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

/**
 * Converts a block to another dtype as it is; columns that a normalizer leaves alone pass this way.
 * @throws Problem not_exact for an integer that a double cannot hold
 */
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
  return applySteps(view, flat, [], 0, dtype, tileFlags.inexact);
}
