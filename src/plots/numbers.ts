const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** A number for people: few digits, a real minus sign. */
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

/** A count with its thousands set apart: 38,045,844. */
export function count(value: number): string {
  return grouped.format(value);
}

/** A count as short as an axis wants it: 100K, 10M. */
export function shortCount(value: number): string {
  return short.format(value);
}

/** A share in percent. What is not quite nothing or everything does not become it by rounding. */
export function percent(share: number): string {
  if (Number.isNaN(share)) return '–';
  const value = share * 100;
  if (value > 0 && value < 0.1) return '< 0.1 %';
  if (value < 100 && value > 99.9) return '> 99.9 %';
  return `${Number(value.toPrecision(3))} %`;
}
