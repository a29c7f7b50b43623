/** Why a cell is not a valid number. */
export type CellFault = 'no number' | 'beyond a double' | 'not exact';

// Not `\d+\.?\d*`, which takes quadratic time to reject a long run of digits.
const decimal = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;

const integer = /^[-+]?\d+$/;

const notFinite = /^([-+]?)(nan|inf|infinity)$/i;

/**
 * Parses a cell, correctly rounded. An empty cell and `nan` are NaN; `inf` and `infinity` may have any case and a sign,
 * as NumPy and pandas write them.
 *
 * An integer beyond 2^53 is accepted if it is a double, or the shortest text of one: many programs write 2^69 as
 * 590295810358705700000. Any other would silently become a different integer.
 */
export function readCell(text: string): number | CellFault {
  const cell = text.trim();
  if (cell === '') return NaN;
  if (decimal.test(cell)) return readDecimal(cell);
  const [, sign, name] = notFinite.exec(cell) ?? [];
  if (name === undefined) return 'no number';
  if (name.toLowerCase() === 'nan') return NaN;
  return sign === '-' ? -Infinity : Infinity;
}

function readDecimal(cell: string): number | CellFault {
  const value = Number(cell);
  if (Number.isFinite(value)) return Number.isSafeInteger(value) || !loses(cell, value) ? value : 'not exact';
  return 'beyond a double';
}

function loses(cell: string, value: number): boolean {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || !integer.test(cell)) return false;
  const digits = cell.replace('+', '');
  return BigInt(digits) !== BigInt(value) && digits !== String(value);
}
