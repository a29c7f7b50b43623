import type { ColumnsView, EvidenceView } from './evidence-view.ts';
import { markup, type Markup } from './markup.ts';
import { count, percent, readable } from './numbers.ts';

const spark = { width: 54, height: 26 } as const;

/** One row per column of a table: its figures, and its distribution under each candidate. */
export function drawColumns({ columns, candidates }: EvidenceView): Markup {
  if (!columns) return markup``;
  const { rows, total } = columns;
  const shown = rows.length < total ? ` The first ${count(rows.length)} of ${count(total)}.` : '';
  const head = [
    ...['range', 'deviation', 'skewness', 'outliers', 'zeros'].map((title) => markup`<th scope="col">${title}</th>`),
    ...candidates.map((name, i) => markup`<th scope="col" class="narrow"><i class="key k${i % 8}"></i>${name}</th>`),
  ];
  return markup`<section aria-labelledby="columns"><h2 id="columns">Column by column</h2>
<p>Each column’s own figures as the data are, and its distribution under each candidate, from its least to its greatest value.${shown}</p>
<div class="wide" role="region" aria-labelledby="columns" tabindex="0"><table class="columns"><thead><tr><td></td>${head}</tr></thead><tbody>${rows.map(drawRow)}</tbody></table></div></section>`;
}

function drawRow({ name, range, std, skewness, outliers, zeros, histograms }: ColumnsView['rows'][number]): Markup {
  const cells = [
    `${readable(range[0])} to ${readable(range[1])}`,
    readable(std, 3),
    readable(skewness, 2),
    percent(outliers),
    percent(zeros),
  ];
  return markup`<tr><th scope="row">${name}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}${histograms.map((counts, i) => markup`<td>${drawSpark(counts, i)}</td>`)}</tr>`;
}

function drawSpark(counts: readonly number[], candidate: number): Markup {
  const most = Math.max(...counts, 1);
  const width = spark.width / counts.length;
  const bars = counts.map((found, i) => {
    if (found === 0) return '';
    const height = Math.max(1, Math.round((10 * spark.height * found) / most) / 10);
    return markup`<rect class="bar k${candidate % 8}" x="${Math.round(10 * i * width) / 10}" y="${Math.round(10 * (spark.height - height)) / 10}" width="${Math.round(10 * (width - 0.5)) / 10}" height="${height}"/>`;
  });
  return markup`<svg class="norma spark" aria-hidden="true" viewBox="0 0 ${spark.width} ${spark.height + 1}" width="${spark.width}" height="${spark.height + 1}">${bars}<line class="axis" x1="0" x2="${spark.width}" y1="${spark.height + 0.5}" y2="${spark.height + 0.5}"/></svg>`;
}
