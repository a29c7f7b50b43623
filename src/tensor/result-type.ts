import { type ArrayDtype, isFloat } from './dtype.ts';

/**
 * The dtype that holds the values of all of these, as `numpy.result_type` has it; bool for none. Each integer meets the floats
 * by itself: (u)int8 and int8 fit a float16, whatever they are together.
 */
export function resultType(dtypes: readonly ArrayDtype[]): ArrayDtype {
  const floats = dtypes.filter((dtype) => isFloat(dtype)).reduce<ArrayDtype>(promote, 'bool');
  return dtypes.reduce(promote, floats);
}

function promote(one: ArrayDtype, other: ArrayDtype): ArrayDtype {
  if (one === other || other === 'bool') return one;
  if (one === 'bool') return other;
  const [a, b] = [kindOf(one), kindOf(other)];
  if (a.kind === b.kind) return a.bits > b.bits ? one : other;
  if (a.kind === 'float') return promoteFloat(a.bits, b.bits);
  if (b.kind === 'float') return promoteFloat(b.bits, a.bits);
  const [signed, unsigned] = a.kind === 'int' ? [a.bits, b.bits] : [b.bits, a.bits];
  const bits = Math.max(signed, 2 * unsigned);
  return bits > 64 ? 'float64' : (`int${bits}` as ArrayDtype);
}

/** A float takes integers of half its width, because its significand has to hold them. */
function promoteFloat(floatBits: number, intBits: number): ArrayDtype {
  const bits = Math.min(Math.max(floatBits, 2 * intBits), 64);
  return `float${bits}` as ArrayDtype;
}

function kindOf(dtype: ArrayDtype): { kind: string; bits: number } {
  const [, kind, bits] = /^(\D+)(\d+)$/.exec(dtype) ?? ['', dtype, '1'];
  return { kind, bits: Number(bits) };
}
