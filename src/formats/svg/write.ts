import { runCall } from '#engine/run-call.ts';
import { describedPicture } from '#compare/to-picture.ts';
import { plottedStatistics } from './plot-options.ts';
import type { AnswerSummary } from '#formats/summary.ts';
import type { AnswerWriter } from '#formats/writer.ts';

const utf8 = new TextEncoder();

/** The distribution of the whole array as a picture. */
export const svgAnswer: AnswerWriter = {
  holds: ['statistics'],
  async *write(call, input, run, limit) {
    const statistics = plottedStatistics(call.statistics);
    const pieces = runCall({ ...call, statistics }, input, 'none', run, limit);
    let step = await pieces.next();
    while (!step.done) step = await pieces.next();
    const { statistics: described } = step.value satisfies AnswerSummary;
    if (!described?.input) return;
    const { dtype, shape } = input.source;
    const picture = describedPicture({ dtype, shape }, described.input);
    yield utf8.encode(await run({ kind: 'draw', picture }));
  },
};
