import { missingWords } from '../missing-words.ts';
import { comma, type CsvDialect } from './dialect.ts';

/** Why the text of a cell is not a number that is read. */
export type CellFault = 'no number' | 'beyond a double' | 'not exact';

// Not `\d+\.?\d*`, which takes quadratic time to refuse a long row of digits.
const withPoint = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;
const withComma = /^[-+]?(\d+(,\d*)?|,\d+)(e[-+]?\d+)?$/i;

const integer = /^[-+]?\d+$/;

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
 *
 * An integer beyond 2^53 is read when it is a double, or the shortest text of one: 590295810358705700000 is how many programs
 * write 2^69. Any other would silently become another integer.
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

function readDecimal(cell: string): number | CellFault {
  const value = Number(cell);
  if (!Number.isFinite(value)) return 'beyond a double';
  return Number.isSafeInteger(value) || !loses(cell, value) ? value : 'not exact';
}

function loses(cell: string, value: number): boolean {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || !integer.test(cell)) return false;
  const digits = cell.replace('+', '');
  return BigInt(digits) !== BigInt(value) && digits !== String(value);
}
