import type { Picture } from '#plots/picture.ts';
import { defineTask } from '#pool/task.ts';

/** A picture as SVG. What draws it is loaded when the first one is asked for. */
export const drawTask = defineTask({
  name: 'draw',
  run: async (picture: Picture) => (await import('#plots/picture.ts')).drawPicture(picture),
  phase: 'encode',
});
