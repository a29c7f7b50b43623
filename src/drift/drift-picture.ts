import { markup, type Markup } from '#plots/markup.ts';
import { plotStyle } from '#plots/style.ts';
import { type ColumnDrift, type Drift, showName } from './drift.ts';

/** Columns that are drawn, the least likely ones first. */
const maxDrawn = 24;
const [width, height, perRow] = [300, 170, 3];
const margin = { left: 16, top: 46, right: 16, bottom: 22 };

/** The shares of both in the bins of each column, as a picture. */
export function drawDrift(name: string, version: number, drift: Drift): string {
  const columns = mostDrifted(drift);
  const rows = Math.ceil(columns.length / perRow);
  const [wide, high] = [width * Math.min(perRow, Math.max(1, columns.length)), 56 + rows * height];
  const verdict = drift.drifted ? 'drifted' : 'no drift';
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="norma" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" role="img" aria-label="${`${name}, version ${version}: ${verdict}`}">
<style>${{ markup: plotStyle }}</style>
<rect class="paper" width="${wide}" height="${high}"/>
<text class="heading" x="16" y="26">${`${name}, version ${version}: ${verdict}`}</text>
<text class="faint" x="16" y="44">${'Shares of the fitted deciles: grey as fitted, blue in the batch.'}</text>
${columns.map((column, at) => markup`<g transform="translate(${(at % perRow) * width} ${56 + Math.floor(at / perRow) * height})">${drawColumn(column)}</g>`)}
</svg>
`.markup;
}

/** The columns that the picture and the page show first. */
export function mostDrifted({ columns }: Drift): ColumnDrift[] {
  return columns.toSorted((a, b) => (a.p_value ?? 2) - (b.p_value ?? 2)).slice(0, maxDrawn);
}

/** One column's bars, without a frame. */
export function drawColumn(column: ColumnDrift): Markup {
  const { shares, fitted_shares: fitted } = column;
  const [inner, tall] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  const most = Math.max(...shares, ...fitted, 0.01);
  const step = inner / Math.max(1, fitted.length);
  const bars = fitted.map((share, bin) => {
    const x = margin.left + bin * step;
    const title = `bin ${bin}: fitted ${percent(share)}, batch ${percent(shares[bin])}`;
    return markup`<g class="bin"><title>${title}</title><g class="input">${bar(x + step * 0.1, share)}</g><g class="output">${bar(x + step * 0.5, shares[bin])}</g></g>`;
  });
  function bar(x: number, share: number): Markup {
    const length = (share / most) * tall;
    return markup`<rect class="bar" x="${round(x)}" y="${round(margin.top + tall - length)}" width="${round(step * 0.4)}" height="${round(length)}"/>`;
  }
  const base = margin.top + tall;
  return markup`<text class="title" x="${margin.left}" y="18">${showName(column.name)}</text>
<text class="${column.drifted ? 'reason' : 'faint'}" x="${margin.left}" y="34">${`${column.drifted ? 'drifted, ' : ''}PSI ${show(column.psi)}, p ${show(column.p_value)}`}</text>
${bars}<line class="axis" x1="${margin.left}" x2="${width - margin.right}" y1="${base}" y2="${base}"/>`;
}

function show(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(2)));
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
