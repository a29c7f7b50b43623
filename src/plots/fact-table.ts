import type { EvidenceView } from './evidence-view.ts';
import { markup, type Markup } from './markup.ts';
import { readable } from './numbers.ts';

const columns = [
  ['condition number', 'of a linear model’s Hessian'],
  ['largest stable step', '2 / λmax'],
  ['scales of the columns', 'largest / smallest'],
  ['norms of the samples', 'least · median · greatest'],
];

/** What the data alone tell of each candidate. */
export function drawFacts({ facts, candidates }: EvidenceView): Markup {
  const head = columns.map(([title, subtitle]) => markup`<th scope="col">${title}<span>${subtitle}</span></th>`);
  const rows = facts.map(({ conditionNumber, maxLearningRate, scaleRatio, norms }, i) => {
    const ends = [norms.min, norms.median, norms.max].map((norm) => readable(norm, 3)).join(' · ');
    const step = maxLearningRate === undefined ? '–' : readable(maxLearningRate, 2);
    const cells = [conditionNumber ?? '–', step, scaleRatio, ends].map((cell) => markup`<td>${cell}</td>`);
    return markup`<tr><th scope="row"><i class="key k${i % 8}"></i>${candidates[i]}</th>${cells}</tr>`;
  });
  return markup`<div class="wide" role="region" aria-labelledby="facts" tabindex="0"><table class="facts"><thead><tr><td></td>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
