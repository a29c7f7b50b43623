import type { Distribution, Missing } from './distribution.ts';
import { meanOf, zeroShare } from './distribution.ts';
import { markup, type Markup } from './markup.ts';
import { percent, readable } from './numbers.ts';
import { drawMissing, drawPanel, panel, plotted } from './panel.ts';
import { type CountScale, countScale } from './scales.ts';
import { plotStyle } from './style.ts';

/** Distributions side by side. */
export interface Picture {
  title: string;
  /** What the data are. */
  subtitle: string;
  panels: readonly (Distribution | Missing)[];
}

const headerHeight = 58;

/** A self-contained SVG document: small multiples that share one axis of counts. */
export function drawPicture({ title, subtitle, panels }: Picture): string {
  const columns = Math.ceil(Math.sqrt(panels.length));
  const rows = Math.ceil(panels.length / columns);
  const width = columns * panel.width + 12;
  const height = headerHeight + rows * panel.height;
  const counts = countScaleOf(panels);
  const drawn = panels.map((one, at) => {
    const left = (at % columns) * panel.width;
    const top = headerHeight + Math.floor(at / columns) * panel.height;
    return markup`<g transform="translate(${left} ${top})">${drawOne(one, counts)}</g>`;
  });
  const axis = counts.isLog ? 'counts on a logarithmic axis' : 'counts';
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="norma" role="img" aria-labelledby="norma-title norma-desc" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><title id="norma-title">${title}</title><desc id="norma-desc">${panels.map(told).join(' ')}</desc><style>${{ markup: plotStyle }}</style><rect class="paper" width="${width}" height="${height}"/><text class="heading" x="${panel.left}" y="28">${title}</text><text class="faint" x="${panel.left}" y="47">${`${subtitle} · ${axis}`}</text>${drawn}</svg>`
    .markup;
}

export function countScaleOf(panels: Picture['panels']): CountScale {
  return countScale(
    panels.filter((one) => 'values' in one),
    plotted.height,
  );
}

function drawOne(one: Distribution | Missing, counts: CountScale): Markup {
  return 'values' in one ? drawPanel(one, counts) : drawMissing(one);
}

/** The text alternative of a plot. */
function told(one: Distribution | Missing): string {
  const name = `${one.title} (${one.subtitle})`;
  if (!('values' in one)) return `${name}: ${one.reason}`;
  const { min, max, variance, skewness } = one.values;
  const deviation = readable(Math.sqrt(variance));
  return `${name}: from ${readable(min)} to ${readable(max)}, mean ${readable(meanOf(one))}, standard deviation ${deviation}, skewness ${readable(skewness)}, ${percent(zeroShare(one))} zeros.`;
}

/** One plot as an SVG element for a page that already has the style. */
export function drawFigure(one: Distribution | Missing, counts: CountScale, id: string): Markup {
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="norma" role="img" aria-labelledby="${id}-title ${id}-desc" viewBox="0 0 ${panel.width} ${panel.height}"><title id="${id}-title">${one.title}</title><desc id="${id}-desc">${told(one)}</desc>${drawOne(one, counts)}</svg>`;
}
