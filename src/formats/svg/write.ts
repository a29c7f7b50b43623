import { describedPicture } from './describe-picture.ts';
import { drawTask } from './draw.task.ts';
import { plottedStatistics } from './plot-options.ts';
import { type AnswerWriter, drain } from '#formats/writer.ts';

const utf8 = new TextEncoder();

/** A picture of the distribution of the whole array. */
export const svgWriter: AnswerWriter = {
  holds: ['statistics'],
  encoding: () => 'none',
  statistics: plottedStatistics,
  async *write({ input }, output, run) {
    const { statistics } = await drain(output);
    if (statistics?.input) yield utf8.encode(await run(drawTask, describedPicture(input, statistics.input)));
  },
};
