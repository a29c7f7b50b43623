import { preservesOrder } from '#statistics/order-preservation.ts';
import { rankCorrelation } from '#statistics/rank-correlation.ts';
import { eachTile, layoutOf } from '#tensor/layout.ts';
import { elementCount, selectedShape } from '#tensor/shape.ts';
import { defineTask } from '#pool/task.ts';
import { type BufferedTensor, sampleCount, toFloat64 } from '#engine/blocks/buffered-tensor.ts';

interface PreservationTask {
  inputs: BufferedTensor;
  outputs: BufferedTensor;
  /** The normalized columns. Default all. */
  columns?: number[];
  /** Which axes the normalizer reduced. */
  reduced: boolean[];
}

/** What a normalizer preserves: the order of the values and the norms of the samples. */
export interface Preservation {
  /** Whether values of the same slice keep their order. */
  orderWithinSlices: boolean;
  /** Whether all values keep their order. */
  orderWithinArray: boolean;
  /** Spearman's rank correlation of input and output; NaN if either is constant. */
  rankCorrelation: number;
  /** Minimum and maximum L2 norm of the samples that are not all zero; NaN if all are. */
  norms: { input: [number, number]; output: [number, number] };
}

function measurePreservation({ inputs, outputs, columns, reduced }: PreservationTask): Preservation {
  const [x, y] = [toFloat64(inputs), toFloat64(outputs)];
  const samples = sampleCount(inputs.header);
  const slices = slicesOf(selectedShape(inputs.header.shape, columns), reduced);
  return {
    orderWithinSlices: preservesOrder(toFloat64(inputs, columns), toFloat64(outputs, columns), (at) => slices[at]),
    orderWithinArray: preservesOrder(x, y),
    rankCorrelation: rankCorrelation(x, y),
    norms: { input: endsOfNorms(x, samples), output: endsOfNorms(y, samples) },
  };
}

/** The slice that each element of a tensor belongs to. */
function slicesOf(shape: number[], reduced: boolean[]): Uint32Array {
  const layout = layoutOf(shape, reduced);
  const slices = new Uint32Array(elementCount(shape));
  eachTile(layout, 0, slices.length, ({ offset, rows, columns, stride, slice }) => {
    for (let row = 0; row < rows; row++) {
      const start = offset + row * stride;
      for (let column = 0; column < columns; column++)
        slices[start + column] = slice + (layout.rowIsSlice ? row : column);
    }
  });
  return slices;
}

function endsOfNorms(values: Float64Array, samples: number): [number, number] {
  const length = values.length / samples;
  const norms = Float64Array.from({ length: samples }, (_, at) =>
    normOf(values.subarray(at * length, (at + 1) * length)),
  );
  const some = norms.filter((norm) => norm > 0);
  if (some.length === 0) return [NaN, NaN];
  return [some.reduce((least, norm) => Math.min(least, norm)), some.reduce((most, norm) => Math.max(most, norm))];
}

/** The L2 norm without NaN, scaled so that squares neither overflow nor underflow. */
function normOf(values: Float64Array): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
  if (largest === 0 || largest === Infinity) return largest;
  return largest * Math.sqrt(values.reduce((sum, value) => sum + ((value / largest) ** 2 || 0), 0));
}

export const preservationTask = defineTask({ name: 'measure_preservation', run: measurePreservation });
