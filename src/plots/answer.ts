import type { EvidenceView } from './evidence-view.ts';
import { markup, type Markup } from './markup.ts';

/** The answer: a sentence for each family of models, then what is dangerous here, then why. */
export function drawAnswer({ answers, dangers }: EvidenceView): Markup {
  const sentences = answers.map(
    ({ heading, sentence }) =>
      markup`<div><h3>${heading}</h3><p>${sentence.before}<b>${sentence.choice}</b>${sentence.after}</p></div>`,
  );
  const reasons = answers.map(
    ({ heading, reasons: why }) =>
      markup`<h4>${heading}</h4><ul>${why.map((reason) => markup`<li>${reason}</li>`)}</ul>`,
  );
  const warnings =
    dangers.length > 0
      ? markup`<h3>Mind on these data</h3><ul class="dangers">${dangers.map((danger) => markup`<li>${danger}</li>`)}</ul>`
      : '';
  return markup`<section class="answer" aria-labelledby="answer"><h2 id="answer">The answer</h2>
<div class="sentences">${sentences}</div>
${warnings}
<details><summary>Why</summary>${reasons}</details></section>`;
}
