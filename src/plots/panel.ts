import { max } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import type { Distribution, Missing } from './distribution.ts';
import { meanOf, zeroShare } from './distribution.ts';
import { markup, type Markup } from './markup.ts';
import { count, percent, readable, shortCount } from './numbers.ts';
import type { CountScale } from './scales.ts';

/** The size of one plot with its margins, in pixels of the picture. */
export const panel = { width: 360, height: 250, left: 46, right: 14, top: 50, bottom: 52 } as const;

/** Size of the plotting area, in pixels. */
export const plotted = {
  width: panel.width - panel.left - panel.right,
  height: panel.height - panel.top - panel.bottom,
} as const;

/** Maximum number of characters in a line of the panel. */
const lineLength = 52;

/** Characters that the labels along the plot may have in all, with room between them. */
const maxTickCharacters = Math.floor(plotted.width / 8);

/** One distribution as a histogram. */
export function drawPanel(one: Distribution, counts: CountScale): Markup {
  const side = one.isInput ? 'input' : 'output';
  const { nobs, min: least, max: most } = one.values;
  const caption = nobs === 0 ? 'no numbers' : `${readable(least)} to ${readable(most)} · mean ${readable(meanOf(one))}`;
  const zeros = one.values.zero_count > 0 ? ` · ${percent(zeroShare(one))} zeros` : ' · no zeros';
  return markup`<g class="${side}">${heading(one)}${
    one.histogram
      ? drawHistogram(one, one.histogram, counts)
      : drawReason('No histogram: the values have no finite range, or one too narrow for bins.')
  }<text class="faint" x="${panel.left}" y="${panel.height - 12}">${caption + (nobs === 0 ? '' : zeros)}</text></g>`;
}

/** The reason why there is no distribution, in place of a plot. */
export function drawMissing(one: Missing): Markup {
  return markup`<g>${heading(one)}${drawReason(one.reason)}</g>`;
}

function heading({ title, subtitle }: Distribution | Missing): Markup {
  return markup`<text class="title" x="${panel.left}" y="20">${title}</text><text class="faint" x="${panel.left}" y="36"><title>${subtitle}</title>${shortened(subtitle)}</text>`;
}

function drawReason(reason: string): Markup {
  const lines = wrapped(reason).map(
    (line, at) => markup`<tspan x="${panel.left}" y="${panel.top + 24 + at * 17}">${line}</tspan>`,
  );
  return markup`<text class="reason">${lines}</text>`;
}

function drawHistogram(
  one: Distribution,
  { counts, edges }: NonNullable<Distribution['histogram']>,
  { scale, ticks }: CountScale,
): Markup {
  const { values } = one;
  const first = edges[0];
  const last = edges[edges.length - 1];
  const x = scaleLinear([first, last], [0, plotted.width]);
  const total = values.nobs;
  const grid = ticks.map((tick) => {
    const y = round(scale(tick));
    return markup`<line class="grid" x1="0" x2="${plotted.width}" y1="${y}" y2="${y}"/><text class="tick" x="-6" y="${y + 3.5}" text-anchor="end">${shortCount(tick)}</text>`;
  });
  const bins = Array.from(counts, (found, at) => {
    const left = round(x(edges[at]));
    const width = round(x(edges[at + 1]) - x(edges[at]));
    const top = found > 0 ? round(scale(found)) : plotted.height;
    const gap = width > 3 ? 1 : 0;
    const says = `${readable(edges[at])} to ${readable(edges[at + 1])}: ${count(found)} of ${count(total)} values (${percent(found / total)})`;
    const bar =
      found > 0
        ? markup`<rect class="bar" x="${left}" y="${top}" width="${round(width - gap)}" height="${round(plotted.height - top)}"/>`
        : '';
    return markup`<g class="bin"><title>${says}</title><rect class="reach" x="${left}" y="0" width="${width}" height="${plotted.height}"/>${bar}</g>`;
  });
  const mean = round(x(values.mean));
  return markup`<g transform="translate(${panel.left} ${panel.top})">${grid}${bins}<g><title>${`mean ${readable(meanOf(one))}`}</title><line class="mean" x1="${mean}" x2="${mean}" y1="0" y2="${plotted.height}"/></g><line class="axis" x1="0" x2="${plotted.width}" y1="${plotted.height}" y2="${plotted.height}"/>${valueTicks(x)}</g>`;
}

function valueTicks(x: ReturnType<typeof scaleLinear<number, number>>): Markup[] {
  const label = (tick: number) => readable(tick, 6);
  const fits = (ticks: number[]) => ticks.length * (max(ticks, (tick) => label(tick).length) ?? 0) < maxTickCharacters;
  const ticks = [5, 4, 3, 2].map((wanted) => x.ticks(wanted)).find(fits) ?? x.ticks(2);
  return ticks.map((tick) => {
    const at = round(x(tick));
    return markup`<line class="axis" x1="${at}" x2="${at}" y1="${plotted.height}" y2="${plotted.height + 4}"/><text class="tick" x="${at}" y="${plotted.height + 16}" text-anchor="middle">${label(tick)}</text>`;
  });
}

function shortened(text: string): string {
  return text.length > lineLength ? `${text.slice(0, lineLength - 1)}…` : text;
}

/** Wraps text at words; a word that is too long is split. */
function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(/\s+/).flatMap((long) => long.match(/.{1,48}/gu) ?? [])) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length <= lineLength) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines.slice(0, 8);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
