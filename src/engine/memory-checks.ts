import { Problem } from '#errors.ts';
import { describeReductions } from '#statistics/describe.ts';
import { type Reduction, stateLength } from '#statistics/reduction.ts';
import type { BlockPlan } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { SideStatistics } from './side-statistics.ts';
import type { NormalizationPlan } from './plan-call.ts';

/** Maximum values that one call may learn: 256 MiB. */
const maxLearnedValues = 2 ** 25;

/** @throws Problem body_too_large if millions of slices would make the learned values larger than the data */
export function checkParameterCount(
  normalization: NormalizationPlan | undefined,
  sides: readonly (SideStatistics | undefined)[],
): void {
  let values = sides.reduce((sum, side) => sum + (side ? side.slices * fieldsOf(describeReductions) : 0), 0);
  if (normalization) {
    const { method, normalizer, layout } = normalization;
    const { slices } = layout;
    values += method.reductions(normalizer).reduce((count, reduction) => count + stateLength(reduction, slices), 0);
    values += Object.keys(method.parameters).length * slices + (method.joint ? slices ** 2 : 0);
  }
  if (values <= maxLearnedValues) return;
  throw new Problem(
    'body_too_large',
    `Fitting would learn ${values} values over all slices; the maximum is ${maxLearnedValues}. Use another axis or fewer columns at once.`,
  );
}

function fieldsOf(reductions: readonly Reduction[]): number {
  return reductions.reduce((sum, { fields }) => sum + fields.length, 0);
}

/** @throws Problem body_too_large, before anything is read, if the data to buffer are over the limit */
export function checkBufferedBytes(
  input: TensorHeader,
  keepsInput: boolean,
  output: TensorHeader,
  keepsOutput: boolean,
  limit: number,
): void {
  const bytes = ({ dtype, shape }: TensorHeader) => elementCount(shape) * itemSize(dtype);
  const held = (keepsInput ? bytes(input) : 0) + (keepsOutput ? bytes(output) : 0);
  if (held <= limit) return;
  throw new Problem(
    'body_too_large',
    `This call needs all the data in memory: ${held} bytes, but one request may hold ${limit} (NORMA_BODY_LIMIT).`,
  );
}

/** @throws Problem body_too_large if one block is over the limit: selecting columns needs whole rows */
export function checkRowBytes({ dtype, shape }: TensorHeader, plan: BlockPlan, limit: number): void {
  const bytes = Math.min(plan.length, elementCount(shape)) * itemSize(dtype);
  if (bytes > limit) {
    throw new Problem(
      'body_too_large',
      `One row takes ${bytes} bytes, but one request may hold ${limit} (NORMA_BODY_LIMIT).`,
    );
  }
}
