import { problemAt, quote } from '#errors.ts';
import type { ReadContext } from '#formats/reader.ts';
import type { CsvOptions } from './read-head.ts';

/** What the query, and the media type, say of a CSV. */
export function readCsvOptions({ options, contentType }: Pick<ReadContext, 'options' | 'contentType'>): CsvOptions {
  const { delimiter, decimal } = options;
  if (decimal !== undefined && decimal !== '.' && decimal !== ',') {
    throw problemAt('invalid_request', '/decimal', 'What stands before the fraction of a number is . or , here.');
  }
  return { header: headerOption(options.header) ?? headerParameter(contentType), delimiter, decimal };
}

/** What the query says of the first line. */
function headerOption(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  // As Python and R write it, too.
  if (/^(true|1|t)$/i.test(text)) return true;
  if (/^(false|0|f)$/i.test(text)) return false;
  const detail = `header is true or false, whether the first line of the CSV has the names; ${quote(text)} is neither.`;
  throw problemAt('invalid_request', '/header', detail);
}

/** What the media type says of it, as RFC 4180 has it: `text/csv; header=present`. */
function headerParameter(contentType: string): boolean | undefined {
  const [, said] = /;\s*header="?(present|absent)"?\s*(?:;|$)/i.exec(contentType) ?? [];
  return said === undefined ? undefined : said.toLowerCase() === 'present';
}
