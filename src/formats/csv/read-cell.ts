import { missingWords } from '#tables/missing-words.ts';
import { type DecimalFault, readDecimal } from '#tables/read-decimal.ts';
import { comma, type CsvDialect } from './dialect.ts';

/** Why the text of a cell is not a number that is read. */
export type CellFault = 'no number' | DecimalFault;

// Not `\d+\.?\d*`, which takes quadratic time to refuse a long row of digits.
const withPoint = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;
const withComma = /^[-+]?(\d+(,\d*)?|,\d+)(e[-+]?\d+)?$/i;

const notFinite = /^([-+]?)(nan|inf|infinity)$/i;

const booleans = new Map<string, number>([
  ['True', 1],
  ['TRUE', 1],
  ['true', 1],
  ['False', 0],
  ['FALSE', 0],
  ['false', 0],
]);

/**
 * The number that the text of a cell says, correctly rounded. Nothing at all and pandas' words for what is missing are NaN;
 * `inf` and `infinity` are read in any case and with a sign.
 */
export function readCell(text: string, decimal: CsvDialect['decimal']): number | CellFault {
  const cell = text.trim();
  if (isMissingCell(cell)) return NaN;
  if (decimal === comma ? withComma.test(cell) : withPoint.test(cell)) return readDecimal(cell.replace(',', '.'));
  const [, sign, name] = notFinite.exec(cell) ?? [];
  if (name === undefined) return 'no number';
  if (name.toLowerCase() === 'nan') return NaN;
  return sign === '-' ? -Infinity : Infinity;
}

/** Whether a cell without blanks around it says that there is no value. */
export function isMissingCell(cell: string): boolean {
  return cell === '' || missingWords.has(cell);
}

/** 1 and 0 for the words that pandas reads as booleans, undefined for any other. */
export function readBoolean(text: string): number | undefined {
  return booleans.get(text.trim());
}
