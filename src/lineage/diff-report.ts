import { markup, type Markup } from '#plots/markup.ts';
import { readable } from '#plots/numbers.ts';
import { writePage } from '#plots/page.ts';
import type { Diff } from './diff.ts';

/** Columns that the page shows of each parameter; the JSON has more. */
const maxShown = 50;

/** The difference between two versions as a page that loads nothing and runs no script. */
export function writeDiffReport(name: string, from: number, to: number, diff: Diff): string {
  const title = `${name}: version ${from} to version ${to}`;
  const { options, input, parameters, not_comparable: others } = diff;
  const seen = [{ name: 'n_samples_seen', ...diff.n_samples_seen }];
  const main = markup`<section aria-labelledby="options"><h2 id="options">Options and input</h2>
${changeTable('options', [...options, ...input, ...seen])}</section>
<section aria-labelledby="parameters"><h2 id="parameters">Parameters</h2>
${parameters.map(parameterSection)}
${others.length > 0 ? markup`<p>Only one version has these, or has them for other columns: ${others.join(', ')}.</p>` : ''}</section>`;
  return writePage(title, 'What changed in options, input and parameters.', main);
}

function changeTable(id: string, changes: readonly { name: string; from: unknown; to: unknown }[]): Markup {
  const rows = changes.map(
    ({ name, from, to }) =>
      markup`<tr><th scope="row">${name}</th><td>${JSON.stringify(from)}</td><td>${JSON.stringify(to)}</td></tr>`,
  );
  return table(id, ['', 'from', 'to'], rows);
}

function parameterSection({ name, n_changed: count, columns }: Diff['parameters'][number]): Markup {
  if (count === 0) return markup`<h3>${name}</h3><p>Unchanged.</p>`;
  const rows = columns.slice(0, maxShown).map(({ column, from, to, change, change_in_scale: scaled }) => {
    const cells = [from, to, change, scaled].map((value) => markup`<td>${readable(value ?? Number.NaN)}</td>`);
    return markup`<tr><th scope="row">${column === null ? 'all' : String(column)}</th>${cells}</tr>`;
  });
  const more = count > maxShown ? markup`<p>${`The ${maxShown} largest of ${count} changes.`}</p>` : '';
  return markup`<h3 id="parameter-${name}">${name}</h3>
${table(`parameter-${name}`, ['column', 'from', 'to', 'change', 'in units of the older scale'], rows)}${more}`;
}

function table(labelledBy: string, head: readonly string[], rows: readonly Markup[]): Markup {
  const cells = head.map((title) => (title ? markup`<th scope="col">${title}</th>` : markup`<td></td>`));
  return markup`<div class="wide" role="region" aria-labelledby="${labelledBy}" tabindex="0"><table><thead><tr>${cells}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
