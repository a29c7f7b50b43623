import type { Parameters } from '#normalizers/method.ts';
import { slicesTouched } from '#tensor/layout.ts';
import type { Block } from '#tensor/source.ts';
import type { BlockJob } from './run-block.ts';
import type { Call, NormalizationPlan } from './plan-call.ts';

/** What one pass does with each block. */
export type BlockPass = Pick<BlockJob, 'scans' | 'apply'>;

type Apply = NonNullable<BlockJob['apply']>;

/** Slices up to this many travel whole with every block; of more, each block gets its own. */
const maxSlicesHandedOver = 4096;

/** Looking at a block to fit the normalizer. */
export function fitScan({ normalizer, weights }: NormalizationPlan): BlockJob['scans'][number] {
  return { of: { for: 'normalizer', normalizer }, axis: normalizer.axis, weights };
}

/** Looking at a block for values outside the range that was fitted; nothing where the output has no such bounds. */
export function rangeScan(
  { normalizer, method }: NormalizationPlan,
  { fitted }: Call,
): BlockJob['scans'][number] | undefined {
  const range = fitted && method.fittedRange?.(fitted.parameters);
  return range && { of: { for: 'range', ...range, columns: normalizer.columns }, axis: normalizer.axis };
}

/** A function that tells how a block is transformed, with given parameters or fitted on itself. */
export function createTransformPass(
  call: Call,
  normalization: NormalizationPlan,
  output: Pick<Apply, 'scans' | 'encoding' | 'dtype' | 'shape' | 'keepsFit'>,
): (block: Block, parameters: Parameters | undefined) => Apply {
  const { normalizer, weights, fits, local } = normalization;
  const direction = call.operation === 'inverse-transform' ? 'inverse' : 'transform';
  return (block, parameters) => ({
    normalizer,
    direction,
    ...output,
    ...(fits && local ? { weights } : { given: parametersOf(normalization, block, parameters as Parameters) }),
  });
}

function parametersOf(
  { layout, picked, method }: NormalizationPlan,
  block: Block,
  parameters: Parameters,
): NonNullable<Apply['given']> {
  const perSlice = Object.values(method.parameters).every((along) => along === 'slices');
  if (layout.slices <= maxSlicesHandedOver || !perSlice) return { from: 0, parameters };
  const { from, to } = slicesTouched(layout, block.offset * picked, block.count * picked);
  const own = Object.entries(parameters).map(([name, values]) => [name, values.slice(from, to)]);
  return { from, parameters: Object.fromEntries(own) };
}
