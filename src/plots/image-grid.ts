import type { EvidenceView, ImagesView } from './evidence-view.ts';
import { markup, type Markup } from './markup.ts';
import { readable } from './numbers.ts';
import { encodePng } from './png.ts';

/** Samples as images under each candidate: black is the candidate's least value of all, white its greatest. */
export function drawImages({ images, candidates }: EvidenceView): Markup {
  if (!images) return markup``;
  const rows = candidates.map((name, i) => {
    const [low, high] = images.ranges[i];
    const pictures = images.pixels[i].map((pixels, sample) => {
      const told = `sample ${images.samples[sample]}, ${name}`;
      return markup`<img class="sample" src="data:image/png;base64,${pictureOf(pixels, images, low, high)}" width="${images.width}" height="${images.height}" alt="${told}" title="${told}">`;
    });
    return markup`<div class="samples"><p>${name}<span>black ${readable(low, 3)}, white ${readable(high, 3)}</span></p>${pictures}</div>`;
  });
  return markup`<section aria-labelledby="images"><h2 id="images">Before and after</h2>
<p>The same samples under each candidate. Black is the least value that the candidate gives anywhere, white the greatest.</p>
<div class="grid-of-samples">${rows}</div></section>`;
}

function pictureOf(pixels: Float32Array, { width, height }: ImagesView, low: number, high: number): string {
  const scale = high > low ? 255 / (high - low) : 0;
  const bytes = Uint8Array.from(pixels, (value) => Math.round(Math.min(255, Math.max(0, (value - low) * scale))));
  return encodePng(bytes, width, height).toString('base64');
}
