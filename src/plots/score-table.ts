import { scaleLinear } from 'd3-scale';
import type { EvidenceView, ProbeView, ScoreView } from './evidence-view.ts';
import { markup, type Markup } from './markup.ts';
import { chance, readable } from './numbers.ts';

/** The strip that the scores of the folds are drawn on, in pixels. */
const strip = { width: 92, height: 14, inset: 4 } as const;

/** What each candidate is worth to each model: one row per candidate. */
export function drawScores(view: EvidenceView): Markup {
  const { probes, candidates } = view;
  const head = probes.map(({ title, subtitle }) => markup`<th scope="col">${title}<span>${subtitle}</span></th>`);
  const rows = candidates.map(
    (name, i) =>
      markup`<tr><th scope="row"><i class="key k${i % 8}"></i>${name}</th>${probes.map((probe) => scoreCell(probe, i))}</tr>`,
  );
  return markup`<div class="wide" role="region" aria-labelledby="evidence" tabindex="0"><table class="scores"><thead><tr><td></td>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function scoreCell(probe: ProbeView, index: number): Markup {
  const result = probe.results[index];
  if (!result) return markup`<td>–</td>`;
  const { isBest, isEqual, pValue } = result;
  const standing = isBest ? 'best' : isEqual ? 'equal' : 'worse';
  const against = isBest ? 'the best' : pValue === undefined ? '' : chance(pValue);
  return markup`<td class="${standing}"><b>${scoreInWords(result.score, probe.unit)}</b>${drawFolds(probe, result)}<small>${against}</small></td>`;
}

function scoreInWords(score: number, unit: ProbeView['unit']): string {
  return unit === 'accuracy' ? `${(100 * score).toFixed(1)} %` : `R² ${readable(score, 2)}`;
}

/** A dot for each fold and a line at their mean, all candidates on one axis. */
function drawFolds({ results, unit }: ProbeView, { score, folds }: ScoreView): Markup {
  const all = results.flatMap((result) => result?.folds ?? []).map((value) => Math.max(value, -1));
  const x = scaleLinear(
    [Math.min(...all), Math.max(...all, Math.min(...all) + 1e-9)],
    [strip.inset, strip.width - strip.inset],
  ).clamp(true);
  const place = (value: number) => Math.round(10 * x(value)) / 10;
  const middle = strip.height / 2;
  const dots = folds.map((fold) => markup`<circle class="fold" cx="${place(fold)}" cy="${middle}" r="2.5"/>`);
  const told = `folds: ${folds.map((fold) => scoreInWords(fold, unit)).join(', ')}`;
  return markup`<svg class="norma strip" role="img" aria-label="${told}" viewBox="0 0 ${strip.width} ${strip.height}" width="${strip.width}" height="${strip.height}"><title>${told}</title><line class="grid" x1="0" x2="${strip.width}" y1="${middle}" y2="${middle}"/>${dots}<line class="tick-mean" x1="${place(score)}" x2="${place(score)}" y1="1" y2="${strip.height - 1}"/></svg>`;
}
