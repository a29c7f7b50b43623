import { drawPicture, type Picture } from '#plots/picture.ts';
import { writeReport } from '#plots/report.ts';
import type { Comparison } from './comparison.ts';
import { comparisonToJson } from './to-json.ts';
import { toPicture } from './to-picture.ts';
import { toReport } from './to-report.ts';

export interface RenderTask {
  kind: 'render';
  comparison: Comparison;
  as: 'json' | 'svg' | 'html';
  /** What gives the same answer, for a shell. */
  request: string;
}

export interface DrawTask {
  kind: 'draw';
  picture: Picture;
}

/** A comparison as the text of its answer. */
export function runRender({ comparison, as, request }: RenderTask): string {
  if (as === 'html') return writeReport(toReport(comparison, request));
  if (as === 'svg') return drawPicture(toPicture(comparison));
  return JSON.stringify(comparisonToJson(comparison));
}

export function runDraw({ picture }: DrawTask): string {
  return drawPicture(picture);
}
