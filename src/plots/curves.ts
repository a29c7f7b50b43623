import { scaleLinear } from 'd3-scale';
import type { EvidenceView, NetworkView } from './evidence-view.ts';
import { markup, type Markup } from './markup.ts';
import { readable } from './numbers.ts';

const size = { width: 360, height: 220, left: 40, right: 12, top: 30, bottom: 34 } as const;

const inside = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom } as const;

/** Beyond this, as a factor of the loss before anything is learned, a curve leaves the plot. */
const headroom = 1.3;

/** The learning curves of each kind of network: a plot for each learning rate, a line for each candidate. */
export function drawCurves({ networks, candidates }: EvidenceView): Markup {
  const keys = candidates.map((name, i) => markup`<li><i class="key k${i % 8}"></i>${name}</li>`);
  const plots = networks.map((network) => {
    const top = startOf(network) * headroom;
    const figures = network.rates.map(
      (rate, i) => markup`<figure>${drawRate(network, rate, top, candidates, `${network.title} ${i}`)}</figure>`,
    );
    return markup`<h3>${network.title}</h3><div class="plots three">${figures}</div>`;
  });
  return markup`<ul class="keys">${keys}</ul>${plots}`;
}

/** What a network that has learned nothing loses: the first points of the lowest rate are nearest to that. */
function startOf({ rates }: NetworkView): number {
  const firsts = rates[0].lines.flatMap((line) => (line && line.curve.length > 0 ? [line.curve[0]] : []));
  return firsts.length > 0 ? firsts.toSorted((a, b) => a - b)[Math.floor(firsts.length / 2)] : 1;
}

/** The learning curves at one learning rate. */
export function drawRate(
  { stepsPerPoint, rates, title }: NetworkView,
  { learningRate, lines }: NetworkView['rates'][number],
  top: number,
  candidates: readonly string[],
  id: string,
): Markup {
  const points = Math.max(1, ...rates.flatMap((rate) => rate.lines.map((line) => line?.curve.length ?? 0)));
  const x = scaleLinear([0, points * stepsPerPoint], [0, inside.width]);
  const y = scaleLinear([0, top], [inside.height, 0]);
  const grid = y
    .ticks(4)
    .map(
      (tick) =>
        markup`<line class="grid" x1="0" x2="${inside.width}" y1="${round(y(tick))}" y2="${round(y(tick))}"/><text class="tick" x="-6" y="${round(y(tick)) + 3.5}" text-anchor="end">${readable(tick, 3)}</text>`,
    );
  const steps = x
    .ticks(5)
    .map(
      (tick) =>
        markup`<text class="tick" x="${round(x(tick))}" y="${inside.height + 15}" text-anchor="middle">${readable(tick)}</text>`,
    );
  const paths = lines.map((line, i) => {
    if (!line || line.curve.length === 0) return '';
    const path = line.curve
      .map((loss, point) => `${round(x((point + 0.5) * stepsPerPoint))},${round(Math.max(-6, y(loss)))}`)
      .join(' ');
    return markup`<g><title>${candidates[i]}: ${endOf(line)}</title><polyline class="curve k${i % 8}" points="${path}"/></g>`;
  });
  const gone = lines.flatMap((line, i) => (line?.hasDiverged ? [candidates[i]] : []));
  const told = `${title} at learning rate ${learningRate}: ${lines.map((line, i) => `${candidates[i]} ${line ? endOf(line) : 'not tried'}`).join('; ')}`;
  const key = id.replaceAll(/\W+/g, '-');
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="norma" role="img" aria-label="${told}" viewBox="0 0 ${size.width} ${size.height}"><clipPath id="clip-${key}"><rect x="0" y="-6" width="${inside.width}" height="${inside.height + 6}"/></clipPath><text class="title" x="${size.left}" y="16">learning rate ${learningRate}</text>${gone.length > 0 ? markup`<text class="reason" x="${size.width - size.right}" y="16" text-anchor="end">diverged: ${gone.join(', ')}</text>` : ''}<g transform="translate(${size.left} ${size.top})">${grid}<g clip-path="url(#clip-${key})">${paths}</g><line class="axis" x1="0" x2="${inside.width}" y1="${inside.height}" y2="${inside.height}"/>${steps}<text class="faint" x="${inside.width}" y="${inside.height + 30}" text-anchor="end">steps; the training loss upwards</text></g></svg>`;
}

function endOf({ curve, hasDiverged }: { curve: readonly number[]; hasDiverged: boolean }): string {
  return hasDiverged ? 'diverged' : `ends at a loss of ${readable(curve.at(-1) ?? Number.NaN, 3)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
