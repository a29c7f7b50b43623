/** Results on their way from a thread: Node compares each transferred buffer with every other one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transferableSymbol, valueSymbol } from 'piscina';
import { reduceBlock } from '#statistics/reduce-block.ts';
import { methodOf, Normalizer } from '#normalizers/normalizer.ts';
import { layoutOf } from '#tensor/layout.ts';
import { withScratch } from '#kernels/kernels.ts';
import { placeElements } from '#kernels/view.ts';
import { bytesOfSketches, unpackSketches } from '#statistics/packed-sketches.ts';
import { runJob } from '#worker/worker.ts';
import { type FitTask, fitTask } from '#engine/fits/fit.task.ts';
import type { Fit } from '#normalizers/fit.ts';
import type { ResolvedOptions } from '#normalizers/method.ts';

test('a fit of many slices transfers a few buffers, with its sketches in one', async () => {
  const columns = 5000;
  const normalizer = Normalizer.parse({ method: 'robust' }) as ResolvedOptions;
  const layout = layoutOf([2, columns], [true, false]);
  const data = Float64Array.from({ length: 2 * columns }, (_, at) => at % 7);
  const header = { dtype: 'float64', shape: [2, columns], bigEndian: false, form: 'nested' } as const;
  const block = { offset: 0, count: 2 * columns, buffer: data.buffer };
  const states = withScratch(() => {
    const view = {
      dtype: header.dtype,
      address: placeElements(block, 'float64', false),
      offset: 0,
      count: block.count,
    };
    const locate = () => ({ index: '', pointer: '' });
    return reduceBlock({ ...view, locate }, layout, methodOf(normalizer).reductions(normalizer), { refuse: 0 });
  });
  const task: FitTask = {
    normalizer,
    pointer: '/normalizer',
    job: {
      kind: 'leaf',
      id: 0,
      pointer: '/normalizer',
      normalizer,
      direction: 'transform',
      scans: [],
      applies: false,
      shows: true,
    },
    layout,
    states,
    sketches: true,
    data: { header: { ...header, shape: [2, columns] }, blocks: [block] },
  };
  const answer = (await runJob([{ kind: fitTask.name, task }])) as Record<symbol, unknown>;
  assert.ok((answer[transferableSymbol] as unknown[]).length < 20);
  const [{ result }] = answer[valueSymbol] as { result: { fit: Fit } }[];
  const { sketches } = result.fit;
  assert.ok(sketches);
  assert.equal(bytesOfSketches(sketches).length, columns);
  for (const [slice, sketch] of unpackSketches(sketches).entries())
    assert.deepEqual(
      [...sketch.values.slice(0, 2)].sort((one, other) => one - other),
      [data[slice], data[columns + slice]].sort((one, other) => one - other),
    );
});
