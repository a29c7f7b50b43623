import type { Distribution, Missing } from './distribution.ts';
import { meanOf, zeroShare } from './distribution.ts';
import { markup, type Markup } from './markup.ts';
import { count, percent, readable } from './numbers.ts';
import { countScaleOf, drawFigure } from './picture.ts';
import { reportStyle } from './report-style.ts';

/** A comparison as a page to read. */
export interface Report {
  title: string;
  /** What the data are. */
  subtitle: string;
  input: Distribution;
  normalizers: readonly Entry[];
  /** The request that gives this page, for a shell. */
  request: string;
}

/** What is told of one normalizer. */
export interface Entry {
  panel: Distribution | Missing;
  /** What its method is called, and its formula. */
  method: { title: string; formula: string };
  /** What the method keeps and loses, and when to use it. */
  about: readonly string[];
  /** What it did to these data. */
  findings: readonly string[];
  warnings: readonly { code: string; message: string }[];
}

/** Digits that a number of the table has at most. */
const digits = 7;

/**
 * A page by itself: it loads nothing and runs no script, and its only style is `reportStyle`, so that a policy may allow
 * that one alone by its hash.
 */
export function writeReport({ title, subtitle, input, normalizers, request }: Report): string {
  const panels = [input, ...normalizers.map(({ panel }) => panel)];
  const counts = countScaleOf(panels);
  const axis = counts.isLog ? 'The counts are on a logarithmic axis' : 'The counts are on one axis';
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${{ markup: reportStyle }}</style>
</head>
<body>
<header><h1>${title}</h1><p class="lead">${subtitle}</p></header>
<main>
<section aria-labelledby="plots"><h2 id="plots">Distributions</h2>
<p>${`${axis}, the same for all plots; the dashed line is the mean. Point at a bar to read its values.`}</p>
<div class="plots">${panels.map((panel, at) => markup`<figure>${drawFigure(panel, counts, `plot-${at}`)}</figure>`)}</div></section>
<section aria-labelledby="table"><h2 id="table">Statistics</h2>
${statisticsTable(panels)}</section>
<section aria-labelledby="methods"><h2 id="methods">What each one does</h2>
${normalizers.map(article)}</section>
<section aria-labelledby="again"><h2 id="again">The request</h2>
<p>This page again, from a shell:</p>
<pre tabindex="0"><code>${request}</code></pre></section>
</main>
</body>
</html>
`.markup;
}

const columns: [name: string, title: string, of: (one: Distribution) => string][] = [
  ['nobs', 'values that are not NaN', ({ values }) => count(values.nobs)],
  ['minmax', 'the least and the greatest', ({ values }) => `(${shown(values.min)}, ${shown(values.max)})`],
  ['mean', 'the mean', (one) => shown(meanOf(one))],
  ['variance', 'the variance', ({ values }) => shown(values.variance)],
  ['skewness', '0 when symmetric', ({ values }) => shown(values.skewness)],
  ['kurtosis', '0 for a normal distribution', ({ values }) => shown(values.kurtosis)],
  ['zeros', 'the share of zeros', (one) => percent(zeroShare(one))],
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
  const found = 'reason' in panel ? [`It cannot be computed: ${panel.reason}`] : findings;
  return markup`<article><h3>${panel.title}<span>${panel.subtitle}</span></h3>
<div><p>${method.title}: <code>${method.formula}</code></p>
<p>${about.join(' ')}</p></div>
<div><h4>On these data</h4>
<ul>${found.map((finding) => markup`<li>${finding}</li>`)}</ul>
${warnings.map(({ code, message }) => markup`<p class="warning" role="note"><strong>${code}</strong> ${message}</p>`)}</div></article>`;
}
