/** A command in a page of the documentation, and what the page says that it prints. */
export interface Block {
  /** The line of the page that it begins on. */
  line: number;
  command: string;
  /** Absent where the page shows none. */
  output?: string;
  /** Why it is not run, where a comment before it says so. */
  notRun?: string;
  /** Whether it must end with an error, where a comment before it says so. */
  fails: boolean;
}

const fence = /^```(\w*)$/;
const reason = /^<!-- not run: (.+) -->$/;

/**
 * The commands of a page: its blocks marked `sh`. A block marked `json`, `csv` or `text` after one, before the next, is its
 * output. A comment `<!-- not run: WHY -->` before a command keeps it from being run; after `<!-- fails -->` it must fail.
 */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let notRun: string | undefined;
  let fails = false;
  let open: { language: string; line: number; lines: string[] } | undefined;
  markdown.split('\n').forEach((text, at) => {
    const [, language] = fence.exec(text) ?? [];
    if (open && language === '') {
      const content = open.lines.join('\n');
      const last = blocks.at(-1);
      if (open.language === 'sh') {
        blocks.push({ line: open.line, command: content, notRun, fails });
        [notRun, fails] = [undefined, false];
      } else if (['json', 'csv', 'text'].includes(open.language) && last && last.output === undefined) {
        last.output = content;
      }
      open = undefined;
    } else if (open) open.lines.push(text);
    else if (language) open = { language, line: at + 1, lines: [] };
    else if (text === '<!-- fails -->') fails = true;
    else notRun = reason.exec(text)?.[1] ?? notRun;
  });
  return blocks;
}

/**
 * Whether a command has printed what its page shows: apart from white space, with `…` for anything, and with any instant for
 * an instant.
 */
export function isShown(output: string, printed: string): boolean {
  const pattern = squeeze(output)
    .split(/(…|\d{4}-\d\d-\d\dT[\d:.]+Z)/)
    .map((text, at) => (at % 2 === 0 ? RegExp.escape(text) : text === '…' ? '[^]*?' : String.raw`[\d-]+T[\d:.]+Z`))
    .join('');
  return new RegExp(`^${pattern}$`).test(squeeze(printed));
}

const squeeze = (text: string) => text.replaceAll(/\s+/g, '');
