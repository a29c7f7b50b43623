import { markup, type Markup } from '#plots/markup.ts';
import { count, percent, readable } from '#plots/numbers.ts';
import { writePage } from '#plots/page.ts';
import { drawColumn, mostDrifted } from './drift-picture.ts';
import { type ColumnDrift, type Drift, showName } from './drift.ts';

/** Columns in the table; the JSON has all of them. */
const maxRows = 200;

const cells: [title: string, of: (column: ColumnDrift) => string][] = [
  ['drifted', ({ drifted }) => (drifted ? 'yes' : 'no')],
  ['p', ({ p_value: p }) => show(p)],
  ['PSI', ({ psi }) => show(psi)],
  ['Kolmogorov–Smirnov', ({ ks }) => show(ks)],
  ['Wasserstein in σ', ({ wasserstein }) => show(wasserstein)],
  ['mean shift in σ', ({ mean_shift: shift }) => show(shift)],
  ['ratio of deviations', ({ std_ratio: ratio }) => show(ratio)],
  ['NaN', ({ nan_share: share }) => percent(share ?? Number.NaN)],
  ['out of range', ({ out_of_range_share: share }) => percent(share ?? Number.NaN)],
];

/** A page by itself: it loads nothing and runs no script. */
export function writeDriftReport(name: string, version: number, drift: Drift): string {
  const title = `${name}, version ${version}: ${drift.drifted ? 'drifted' : 'no drift'}`;
  const { n_samples: samples, n_fitted: fitted, alpha, reasons, columns } = drift;
  const lead = `${count(samples)} samples beside the ${count(fitted)} that were fitted. The p-values know both sizes and are corrected over ${count(columns.length)} columns; ${alpha} is the level.`;
  const main = markup`${reasons.length > 0 ? markup`<section aria-labelledby="reasons"><h2 id="reasons">Why</h2><ul>${reasons.map((reason) => markup`<li>${reason}</li>`)}</ul></section>` : ''}
<section aria-labelledby="shares"><h2 id="shares">Shares of the fitted deciles</h2>
<p>Grey as fitted, blue in the batch; the least likely columns first.</p>
<div class="plots">${mostDrifted(drift).map(figure)}</div></section>
<section aria-labelledby="figures"><h2 id="figures">Figures</h2>${table(columns)}</section>`;
  return writePage(title, lead, main);
}

function figure(column: ColumnDrift): Markup {
  return markup`<figure><svg class="norma" viewBox="0 0 300 170" role="img" aria-label="${showName(column.name)}">${drawColumn(column)}</svg></figure>`;
}

function table(columns: readonly ColumnDrift[]): Markup {
  const head = cells.map(([title]) => markup`<th scope="col">${title}</th>`);
  const rows = columns
    .slice(0, maxRows)
    .map(
      (column) =>
        markup`<tr><th scope="row">${showName(column.name)}</th>${cells.map(([, of]) => markup`<td>${of(column)}</td>`)}</tr>`,
    );
  return markup`<div class="wide" role="region" aria-labelledby="figures" tabindex="0"><table><thead><tr><td></td>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function show(value: number | null): string {
  return readable(value ?? Number.NaN, 3);
}
