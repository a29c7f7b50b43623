import type { Distribution, Missing } from './distribution.ts';
import { meanOf, zeroShare } from './distribution.ts';
import { markup, type Markup } from './markup.ts';
import { count, percent, readable } from './numbers.ts';
import { drawAnswer } from './answer.ts';
import { drawColumns } from './column-rows.ts';
import { drawCurves } from './curves.ts';
import type { EvidenceView } from './evidence-view.ts';
import { drawFacts } from './fact-table.ts';
import { drawImages } from './image-grid.ts';
import { countScaleOf, drawFigure } from './picture.ts';
import { drawScores } from './score-table.ts';
import { writePage } from './page.ts';

/** A comparison as a readable page. */
export interface Report {
  title: string;
  /** What the data are. */
  subtitle: string;
  input: Distribution;
  normalizers: readonly Entry[];
  /** What the answer rests on; absent for data that are not samples of a few features. */
  evidence?: EvidenceView;
  /** The shell command that produces this page. */
  request: string;
}

/** One normalizer on the page. */
export interface Entry {
  panel: Distribution | Missing;
  /** Title and formula of its method. */
  method: { title: string; formula: string };
  /** What the method keeps and loses, and when to use it. */
  about: readonly string[];
  /** What it did to these data. */
  findings: readonly string[];
  warnings: readonly { code: string; message: string }[];
}

/** Maximum number of significant digits in the table. */
const digits = 7;

/** A comparison as a page. */
export function writeReport({ title, subtitle, input, normalizers, evidence, request }: Report): string {
  const panels = [input, ...normalizers.map(({ panel }) => panel)];
  const counts = countScaleOf(panels);
  const axis = counts.isLog ? 'Counts have a logarithmic axis' : 'Counts have a linear axis';
  const main = markup`${evidence ? drawEvidence(evidence) : ''}
<section aria-labelledby="plots"><h2 id="plots">Distributions</h2>
<p>${`${axis}, shared by all plots; the dashed line is the mean. Hover over a bar to read its values.`}</p>
<div class="plots">${panels.map((panel, at) => markup`<figure>${drawFigure(panel, counts, `plot-${at}`)}</figure>`)}</div></section>
<section aria-labelledby="table"><h2 id="table">Statistics</h2>
${statisticsTable(panels)}</section>
<section aria-labelledby="methods"><h2 id="methods">What each normalizer does</h2>
${normalizers.map(article)}</section>
<section aria-labelledby="again"><h2 id="again">Reproduce this page</h2>
<p>From a shell:</p>
<pre tabindex="0"><code>${request}</code></pre></section>`;
  return writePage(title, subtitle, main);
}

function drawEvidence(evidence: EvidenceView): Markup {
  const curves =
    evidence.networks.length > 0
      ? markup`<section aria-labelledby="curves"><h2 id="curves">How gradient descent learns</h2>${drawCurves(evidence)}</section>`
      : '';
  const scores =
    evidence.probes.length > 0
      ? markup`<p>Dots are folds, the line is their mean; a filled cell is the best, or no worse than it as far as these samples tell.</p>
${drawScores(evidence)}`
      : '';
  return markup`${drawAnswer(evidence)}
<section aria-labelledby="evidence"><h2 id="evidence">The evidence</h2>
<p>${evidence.basis}</p>
${scores}
<h3 id="facts">From the data alone</h3>
${drawFacts(evidence)}</section>
${curves}
${drawImages(evidence)}
${drawColumns(evidence)}`;
}

const columns: [name: string, title: string, of: (one: Distribution) => string][] = [
  ['nobs', 'number of values that are not NaN', ({ values }) => count(values.nobs)],
  ['minmax', 'minimum and maximum', ({ values }) => `(${shown(values.min)}, ${shown(values.max)})`],
  ['mean', 'mean', (one) => shown(meanOf(one))],
  ['variance', 'variance', ({ values }) => shown(values.variance)],
  ['skewness', '0 for a symmetric distribution', ({ values }) => shown(values.skewness)],
  ['kurtosis', '0 for a normal distribution', ({ values }) => shown(values.kurtosis)],
  ['zeros', 'fraction of zeros', (one) => percent(zeroShare(one))],
];

function shown(value: number): string {
  return readable(value, digits);
}

function statisticsTable(panels: readonly (Distribution | Missing)[]): Markup {
  const head = columns.map(([name, title]) => markup`<th scope="col"><abbr title="${title}">${name}</abbr></th>`);
  const rows = panels.map((one) => {
    const cells =
      'values' in one
        ? columns.map(([, , of]) => markup`<td>${of(one)}</td>`)
        : markup`<td class="missing" colspan="${columns.length}">cannot be computed on these data</td>`;
    return markup`<tr><th scope="row">${one.title}<span>${one.subtitle}</span></th>${cells}</tr>`;
  });
  return markup`<div class="wide" role="region" aria-labelledby="table" tabindex="0"><table><thead><tr><td></td>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function article({ panel, method, about, findings, warnings }: Entry): Markup {
  const found = 'reason' in panel ? [`Cannot be computed: ${panel.reason}`] : findings;
  return markup`<article><h3>${panel.title}<span>${panel.subtitle}</span></h3>
<div><p>${method.title}: <code>${method.formula}</code></p>
<p>${about.join(' ')}</p></div>
<div><h4>On these data</h4>
<ul>${found.map((finding) => markup`<li>${finding}</li>`)}</ul>
${warnings.map(({ code, message }) => markup`<p class="warning" role="note"><strong>${code}</strong> ${message}</p>`)}</div></article>`;
}
