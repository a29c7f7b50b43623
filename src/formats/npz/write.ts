import { zipWriter } from './zip-writer.ts';
import { runCall } from '#engine/run-call.ts';
import { npyHeader, npyLength } from '#formats/npy/write.ts';
import { type AnswerWriter, returnsData } from '#formats/writer.ts';

/**
 * `data.npy`, every parameter by its name, `fitted.json` and `statistics.json`, each where it is wanted: what numpy.load
 * opens.
 */
export const npzAnswer: AnswerWriter = {
  holds: ['data', 'fitted', 'statistics'],
  countsFirst: returnsData,
  async *write(call, input, run, limit) {
    const zip = zipWriter();
    const wantsData = returnsData(call);
    const pieces = runCall(call, input, wantsData ? 'bytes' : 'none', run, limit);
    let step = await pieces.next();
    if (wantsData) {
      yield zip.open('data.npy', npyLength(call, input));
      yield* added(npyHeader(call, input));
      for (; !step.done; step = await pieces.next()) yield* added(step.value);
      yield zip.close();
    }
    while (!step.done) step = await pieces.next();
    for (const { name, bytes } of await run({ kind: 'archive', tail: step.value })) {
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
