import type { Parameters } from '#normalizers/method.ts';
import { slicesTouched } from '#tensor/layout.ts';
import type { Block } from '#tensor/source.ts';
import type { BlockJob } from './run-block.ts';
import type { Call, NormalizationPlan } from '#engine/plan-call.ts';

/** What one pass does to a block. */
export type BlockPass = Pick<BlockJob, 'scans' | 'picking' | 'counting' | 'apply'>;

type Apply = NonNullable<BlockJob['apply']>;

/** Up to this many slices, every block gets all parameters; beyond it only those of its own slices. */
const maxSlicesHandedOver = 4096;

/** The scan that fits the normalizer. */
export function fitScan({ normalizer, weights }: NormalizationPlan): BlockJob['scans'][number] {
  return { of: { for: 'normalizer', normalizer }, axis: normalizer.axis, weights };
}

/** The scan that counts values outside the fitted range; undefined if the method has no such range. */
export function rangeScan(
  { normalizer, method }: NormalizationPlan,
  { fitted }: Call,
): BlockJob['scans'][number] | undefined {
  const range = fitted && method.fittedRange?.(fitted.parameters);
  return range && { of: { for: 'range', ...range, columns: normalizer.columns }, axis: normalizer.axis };
}

/** The scan of a block for an extreme value that recurs. */
export function endsScan({ normalizer }: NormalizationPlan): BlockJob['scans'][number] {
  return { of: { for: 'ends', columns: normalizer.columns }, axis: normalizer.axis };
}

/**
 * Returns a function that says how to transform a block: with given parameters, or with parameters fitted on the block.
 */
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
