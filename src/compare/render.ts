import { drawPicture } from '#plots/picture.ts';
import { writeReport } from '#plots/report.ts';
import type { Comparison } from './comparison.ts';
import { comparisonToJson } from './to-json.ts';
import { toPicture } from './to-picture.ts';
import { toReport } from './to-report.ts';

export interface RenderTask {
  comparison: Comparison;
  as: 'json' | 'svg' | 'html';
  /** What gives the same answer, for a shell. */
  request: string;
}

/** A comparison as the text of its answer. */
export function renderComparison({ comparison, as, request }: RenderTask): string {
  if (as === 'html') return writeReport(toReport(comparison, request));
  if (as === 'svg') return drawPicture(toPicture(comparison));
  return JSON.stringify(comparisonToJson(comparison));
}
