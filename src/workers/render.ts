import { drawPicture, type Picture } from '#plots/picture.ts';
import type { Comparison } from './comparison.ts';
import { comparisonToJson } from './comparison-json.ts';
import { toPicture } from './comparison-picture.ts';

export interface RenderTask {
  kind: 'render';
  comparison: Comparison;
  as: 'json' | 'svg' | 'html';
}

export interface DrawTask {
  kind: 'draw';
  picture: Picture;
}

/** A comparison as the text of its answer. */
export function runRender({ comparison, as }: RenderTask): string {
  if (as === 'svg') return drawPicture(toPicture(comparison));
  return JSON.stringify(comparisonToJson(comparison));
}

export function runDraw({ picture }: DrawTask): string {
  return drawPicture(picture);
}
