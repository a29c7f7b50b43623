import { zipWriter } from './zip-writer.ts';
import { archiveTask } from '#formats/summary.task.ts';
import { npyHeader, npyLength } from '#formats/npy/write.ts';
import { type AnswerWriter, drain } from '#formats/writer.ts';

/**
 * An archive for numpy.load: `data.npy`, every parameter by name, `fitted.json` and `statistics.json`, as far as
 * requested.
 */
export const npzWriter: AnswerWriter = {
  holds: ['data', 'fitted', 'statistics'],
  encoding: ({ hasData }) => (hasData ? 'bytes' : 'none'),
  countsFirst: ({ hasData }) => hasData,
  async *write(answer, output, run) {
    const zip = zipWriter();
    let step = await output.next();
    if (answer.hasData) {
      yield zip.open('data.npy', npyLength(answer));
      yield* added(npyHeader(answer));
      for (; !step.done; step = await output.next()) yield* added(step.value);
      yield zip.close();
    }
    const summary = step.done ? step.value : await drain(output);
    for (const { name, bytes } of await run(archiveTask, summary)) {
      yield zip.open(name, bytes.length);
      yield* added(bytes);
      yield zip.close();
    }
    yield zip.end();

    function* added(piece: Uint8Array): Generator<Uint8Array, void> {
      zip.add(piece);
      yield piece;
    }
  },
};
