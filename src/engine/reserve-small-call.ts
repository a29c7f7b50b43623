import { elementCount } from '#tensor/shape.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { reserveLearned } from './memory-checks.ts';
import { type Call, planCall } from './plan-call.ts';
import { collectStatistics } from './side-statistics.ts';

/** Elements up to which a small call takes what every request has anyway. */
const fewElements = 2 ** 10;

/**
 * Reserves what a call learns that runs as a whole in one thread: from 256 KB it may learn a hundred times as much.
 * @throws Problem body_too_large, unavailable; or what does not fit the data
 */
export function reserveSmallCall(call: Call, header: TensorHeader): void {
  if (elementCount(header.shape) <= fewElements) return;
  const { normalization, applies, needsTwoPasses } = planCall(call, header, true);
  const side = call.statistics
    ? collectStatistics(call.statistics, { ...header, bigEndian: false, form: 'binary' })
    : undefined;
  reserveLearned({
    normalization,
    keepsFit: call.include.includes('fitted') || needsTwoPasses,
    merges: call.merges ?? true,
    sides: [call.described ? undefined : side, applies ? side : undefined],
  });
}
