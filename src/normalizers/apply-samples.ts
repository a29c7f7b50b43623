import { doublesAt, kernels, copyIn, allocate, withScratch } from '#kernels/kernels.ts';
import { dtypeNumber, type View } from '#kernels/view.ts';
import { eachMatrix, inTensorOrder } from '#statistics/multivariate/matrices.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import type { Layout } from '#tensor/layout.ts';
import { samplesOf } from '#tensor/samples.ts';
import { placeStep } from './apply-steps.ts';
import { isMixing, lengthBeforeFill, type MixingStep, type Step } from './steps.ts';

/** A step ready for matrices: gives the address of what comes of one, which may be the same. */
type Placed = (x: number, rows: number, offset: number) => number;

/**
 * Computes steps of which some mix the values of a sample, for a block of whole samples.
 * @param layout of the features that go in; where others come out, it has no axis behind them
 * @returns the address of the output, `outputs` elements of `dtype` for each sample; freed with the surrounding `withScratch`
 * @throws Problem as `applySteps`
 */
export function applyToSamples(
  view: View,
  layout: Layout,
  steps: readonly Step[],
  { features, dtype, refuse }: { features: number; dtype: FloatDtype; refuse: number },
): number {
  const samples = samplesOf(layout);
  const outputs = outputLength(steps, features);
  const width = itemSize(dtype);
  const output = allocate((view.count / features) * outputs * width);
  withScratch(() => {
    let columns = features;
    const placed = steps.map((step): Placed => {
      if (isMixing(step)) {
        const mix = placeMixing(step);
        columns = outputsOf(step) ?? columns;
        return mix;
      }
      const count = columns;
      const change = placeStep(step, { view, rowIsSlice: false, from: 0, refuse });
      return (x, rows, offset) => {
        change(x, { offset, rows, columns: count, stride: count, slice: 0 });
        return x;
      };
    });
    const formula = placed.slice(0, lengthBeforeFill(steps));
    const fill = placed.slice(formula.length);
    eachMatrix(view, samples, refuse, ({ x, rows, offset }) => {
      const inputs = allocate(rows * features * 8);
      doublesAt(inputs, rows * features).set(doublesAt(x, rows * features));
      const computed = formula.reduce((address, step) => step(address, rows, offset), x);
      kernels.check_samples(inputs, features, rows, computed, outputs, dtypeNumber(dtype));
      const y = fill.reduce((address, step) => step(address, rows, offset), computed);
      const count = rows * outputs;
      const to = output + (offset / features) * outputs * width;
      kernels.store_tile(dtypeNumber(dtype), inTensorOrder(y, count, samples), 1, count, to, count);
    });
  });
  return output;
}

/** The values that come out for a sample of so many features. */
export function outputLength(steps: readonly Step[], features: number): number {
  return steps.filter(isMixing).reduce((count, step) => outputsOf(step) ?? count, features);
}

function outputsOf(step: MixingStep): number | undefined {
  return step.op === 'mix' ? step.outputs : undefined;
}

function placeMixing(step: MixingStep): Placed {
  const matrix = copyIn(step.matrix);
  if (step.op === 'solve_lower') {
    return (x, rows) => {
      kernels.solve_lower(x, rows, step.size, matrix);
      return x;
    };
  }
  const { inputs, outputs, transposed } = step;
  const panels = allocate(inputs * (outputs + 4) * 8);
  kernels.lay_panels(matrix, inputs, outputs, transposed, panels);
  return (x, rows) => {
    const y = allocate(rows * outputs * 8);
    kernels.multiply(x, rows, inputs, panels, outputs, y);
    return y;
  };
}
