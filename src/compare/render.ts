import { drawPicture } from '#plots/picture.ts';
import { writeReport } from '#plots/report.ts';
import type { Comparison } from './comparison.ts';
import { comparisonToJson } from './to-json.ts';
import { toPicture } from './to-picture.ts';
import { toReport } from './to-report.ts';

export interface RenderTask {
  comparison: Comparison;
  as: 'json' | 'svg' | 'html';
  /** The shell command that produces the same response. */
  request: string;
}

/** Renders a comparison as the text of its response. */
export function renderComparison({ comparison, as, request }: RenderTask): string {
  if (as === 'html') return writeReport(toReport(comparison, request));
  if (as === 'svg') return drawPicture(toPicture(comparison));
  return JSON.stringify(comparisonToJson(comparison));
}
