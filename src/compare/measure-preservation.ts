import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { profiledSlices } from '#normalizers/composition/profiled-slices.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { defaultOutput } from '#tensor/dtype.ts';
import { transformedShape } from '#normalizers/composition/output-columns.ts';
import { elementCount, formatShape } from '#tensor/shape.ts';
import type { SharedSource } from '#tensor/source.ts';
import { runCall } from '#engine/run-call.ts';
import { type Preservation, preservationTask } from './preservation.task.ts';
import type { BufferedTensor } from '#engine/blocks/buffered-tensor.ts';
import { collectBytes } from '#memory/concat.ts';
import type { Runner } from '#pool/task.ts';
import type { Call } from '#engine/plan-call.ts';

/**
 * Measures, value by value, what a fitted normalizer preserves in a subsample of an array.
 * @returns undefined if a part of the array says nothing about the whole
 */
export async function preservationUnder(
  fitted: Fitted,
  picked: SharedSource,
  whole: SharedSource,
  run: Runner,
  limit: number,
): Promise<Preservation | undefined> {
  // A part of a sample says nothing about the whole sample.
  if (picked !== whole && whole.shape.length <= 1 && fitted.scope === 'sample') return undefined;
  // Other columns came out: there is nothing to lay beside the input.
  if (formatShape(transformedShape(fitted)) !== formatShape(fitted.input.shape)) return undefined;
  const call: Call = { operation: 'transform', fitted, statistics: false, include: ['data'] };
  const input = { source: picked, form: 'binary', inMemory: true } as const;
  const output = await collectBytes(runCall(call, input, 'bytes', run, limit));
  const { dtype, shape, bigEndian } = picked;
  const { axis, columns } = profiledSlices(fitted.normalizer);
  const allOf = (buffer: ArrayBufferLike): BufferedTensor['blocks'] => [
    { offset: 0, count: elementCount(shape), buffer },
  ];
  return run(preservationTask, {
    inputs: { header: { dtype, shape, bigEndian, form: 'binary' }, blocks: allOf(picked.buffer) },
    outputs: {
      header: { dtype: defaultOutput(dtype), shape, bigEndian: false, form: 'binary' },
      blocks: allOf(output.buffer),
    },
    columns,
    reduced: reducedAxes(axis, shape.length),
  });
}
