import { candidateStyle } from '#plots/candidate-style.ts';
import { drawRate } from '#plots/curves.ts';
import { markup } from '#plots/markup.ts';
import { encodePng } from '#plots/png.ts';
import { plotStyle } from '#plots/style.ts';

const side = 28;

/** How many times larger than it is a pixel is drawn, and the gap between images. */
const zoom = 3;
const gap = 4;

interface Shown {
  name: string;
  /** The first images, one after the other. */
  shown: Float64Array;
  /** The values that are black and white. */
  range: [number, number];
}

/** The first digits under each candidate, one row each: black is the least value that it gives anywhere, white the greatest. */
export function drawDigits(rows: readonly Shown[]): Buffer {
  const images = rows[0].shown.length / side ** 2;
  const step = side * zoom + gap;
  const [width, height] = [images * step - gap, rows.length * step - gap];
  const pixels = new Uint8Array(width * height).fill(255);
  rows.forEach(({ shown, range: [low, high] }, row) => {
    shown.forEach((value, at) => {
      const image = Math.floor(at / side ** 2);
      const [y, x] = [Math.floor((at % side ** 2) / side), at % side];
      const brightness = Math.round((255 * (value - low)) / (high - low));
      for (let dy = 0; dy < zoom; dy++) {
        const start = (row * step + y * zoom + dy) * width + image * step + x * zoom;
        pixels.fill(brightness, start, start + zoom);
      }
    });
  });
  return encodePng(pixels, width, height);
}

interface Learned {
  name: string;
  /** One per learning rate. */
  curves: { curve: readonly number[]; hasDiverged: boolean }[];
}

const panel = { width: 360, height: 220 };

/** The learning curves of all candidates, a plot for each learning rate. */
export function drawCurvesFigure(
  candidates: readonly Learned[],
  rates: readonly number[],
  stepsPerPoint: number,
): string {
  const names = candidates.map(({ name }) => name);
  const network = {
    title: 'A network with one hidden layer',
    stepsPerPoint,
    rates: rates.map((learningRate, i) => ({ learningRate, lines: candidates.map(({ curves }) => curves[i]) })),
  };
  // What a network of ten classes that has learned nothing loses.
  const top = 1.3 * Math.log(10);
  const plots = network.rates.map(
    (rate, i) =>
      markup`<svg x="${i * panel.width}" y="30" width="${panel.width}" height="${panel.height}">${drawRate(network, rate, top, names, `rate ${i}`)}</svg>`,
  );
  const keys = names.map(
    (name, i) =>
      markup`<g transform="translate(${40 + (i % 6) * 172} 14)"><line class="curve k${i}" x1="0" x2="18" y1="0" y2="0"/><text x="24" y="4">${name}</text></g>`,
  );
  const width = rates.length * panel.width;
  const height = panel.height + 40;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="norma" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><style>${{ markup: `${plotStyle}\n${candidateStyle}` }}</style><rect class="paper" width="${width}" height="${height}"/>${keys}${plots}</svg>
`.markup;
}
