const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** Formats a number for people: few digits, and U+2212 as the minus sign. */
export function readable(value: number, digits = 4): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-4 || size >= 1e9)
      ? exponential(value, digits)
      : Number.isInteger(value)
        ? grouped.format(value)
        : String(Number(value.toPrecision(digits)));
  return text.replaceAll('-', '−');
}

function exponential(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
  return `${Number(mantissa)}e${exponent.replace('+', '')}`;
}

/** Formats a count with thousands separators: 38,045,844. */
export function count(value: number): string {
  return grouped.format(value);
}

/** Formats a count for an axis: 100K, 10M. */
export function shortCount(value: number): string {
  return short.format(value);
}

/** Formats a fraction as a percentage, without rounding to 0 % or 100 % what is not exactly that. */
export function percent(share: number): string {
  if (Number.isNaN(share)) return '–';
  const value = share * 100;
  if (value > 0 && value < 0.1) return '< 0.1 %';
  if (value < 100 && value > 99.9) return '> 99.9 %';
  return `${Number(value.toPrecision(3))} %`;
}

/** A probability of chance: `p = 0.031`, or less than a double tells from zero. */
export function chance(p: number): string {
  return p === 0 ? 'p < 1e−300' : `p = ${readable(p, 2)}`;
}
