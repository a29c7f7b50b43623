/** Text that is XML, and HTML, already. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | readonly Part[];

/** What no XML document may hold, however it is escaped. */
const unspeakable = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * A template of XML or HTML: whatever is put into it is escaped, unless it is markup itself. Attributes must be in
 * quotation marks.
 */
export function markup(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: template.map((text, at) => text + (at < parts.length ? written(parts[at]) : '')).join('') };
}

function written(part: Part): string {
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') {
    return part
      .toWellFormed()
      .replaceAll(unspeakable, '\ufffd')
      .replaceAll(/[&<>"']/g, (character) => entities[character]);
  }
  return 'markup' in part ? part.markup : part.map(written).join('');
}
