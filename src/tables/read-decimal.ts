/** Why a decimal is not read as a double. */
export type DecimalFault = 'beyond a double' | 'not exact';

const integer = /^[-+]?\d+$/;

/**
 * The double that a decimal rounds to. An integer beyond 2^53 is read when it is a double, or the shortest text of one:
 * 590295810358705700000 is how many programs write 2^69. Any other would silently become another integer.
 */
export function readDecimal(cell: string): number | DecimalFault {
  const value = Number(cell);
  if (!Number.isFinite(value)) return 'beyond a double';
  return Number.isSafeInteger(value) || !loses(cell, value) ? value : 'not exact';
}

function loses(cell: string, value: number): boolean {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || !integer.test(cell)) return false;
  const digits = cell.replace('+', '');
  return BigInt(digits) !== BigInt(value) && digits !== String(value);
}
