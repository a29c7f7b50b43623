import { problemAt } from '#errors.ts';
import { doublesAt, allocate, tileFlags, withScratch } from '#kernels/kernels.ts';
import { placeElements, type View } from '#kernels/view.ts';
import { loadTile } from '#statistics/reduce-block.ts';
import { eachTile, layoutOf, tileCapacity } from '#tensor/layout.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { defineTask } from '#pool/task.ts';

interface WeightsTask {
  header: TensorHeader & { bigEndian: boolean };
  buffer: ArrayBuffer;
}

/**
 * Converts weights of any dtype to float64.
 * @throws Problem not_exact
 */
function weightsToFloat64({ header: { dtype, shape, bigEndian }, buffer }: WeightsTask): Float64Array<ArrayBuffer> {
  const [count] = shape;
  const weights = new Float64Array(count);
  withScratch(() => {
    const address = placeElements({ buffer, count }, dtype, bigEndian);
    const locate = (at: number) => ({ index: `[${at}]`, pointer: '/sample_weight' });
    const view: View = { dtype, address, offset: 0, count, locate };
    const x = allocate(tileCapacity * 8);
    eachTile(layoutOf(shape, [true]), 0, count, (tile) => {
      if (loadTile(view, tile, x, 0) & tileFlags.inexact)
        throw problemAt(
          'not_exact',
          '/sample_weight',
          `One of the ${dtype} weights cannot be represented exactly as a double.`,
        );
      weights.set(doublesAt(x, tile.columns), tile.offset);
    });
  });
  return weights;
}

export const weightsTask = defineTask({
  name: 'weights',
  run: weightsToFloat64,
  transfers: ({ buffer }) => [buffer],
  phase: 'decode',
});
