import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { timelineNow } from '#telemetry/timeline.ts';
import type { Call } from './plan-call.ts';

/** Records the method and size of a call in the timeline of the current request. */
export function noteProcessed({ operation, normalizer, fitted }: Call, { dtype, shape }: TensorHeader): void {
  const values = elementCount(shape);
  const method = (fitted?.normalizer ?? normalizer)?.method ?? operation;
  timelineNow()?.processed.push({ method, values, bytes: values * itemSize(dtype) });
}
