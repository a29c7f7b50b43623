import type { Picture } from '#plots/picture.ts';
import { defineTask } from '#pool/task.ts';

/** Draws a picture as SVG. The drawing code is loaded with the first picture. */
export const drawTask = defineTask({
  name: 'draw',
  run: async (picture: Picture) => (await import('#plots/picture.ts')).drawPicture(picture),
  phase: 'encode',
});
