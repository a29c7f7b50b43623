import * as z from 'zod';
import { extent } from '#statistics/extent.ts';
import { field } from '#statistics/reduction.ts';
import { faultOfDivisors, indexesWhere, type Method } from '../normalizer.ts';
import { axisOption, commonOptions } from '../options.ts';

const schema = z
  .strictObject({ method: z.literal('decimal'), axis: axisOption(0), ...commonOptions })
  .meta({ id: 'Decimal', title: 'decimal', description: 'Moves the decimal point until all magnitudes are below 1.' });

type Options = z.output<typeof schema>;

/**
 * Decimal scaling: `x / 10^j` with the least integer j that brings every magnitude below 1 (Han, Kamber, Pei, Data
 * Mining: Concepts and Techniques, 3.5.2).
 */
const decimal: Method<Options> = {
  name: 'decimal',
  schema,
  about: {
    title: 'Decimal scaling',
    formula: 'y = x / scale, scale = 10^j, the least j with max |y| < 1',
    keeps: [
      'the digits, which a reader recognises',
      'zeros and signs',
      'the order of the values',
      'ratios within a slice',
    ],
    loses: [
      'the magnitude, which fitted.parameters keep',
      'an even use of the range: the largest output is between 0.1 and 1',
    ],
    outliers: 'A single extreme value sets the scale and presses all others together.',
    when: 'People go on reading the numbers, and a factor of ten does not matter.',
    sources: ['Han, Kamber, Pei: Data Mining, Concepts and Techniques, 3rd edition, section 3.5.2'],
  },
  parameters: { max_abs: 'slices', scale: 'slices' },
  invertible: true,
  mergeable: true,
  weighted: false,
  perSample: false,
  outliersDecide: true,
  fault: (parameters) => faultOfDivisors(parameters, ['scale']),
  reductions: () => [extent],
  learn(_, [state]) {
    const max = field(extent, state, 'max');
    const max_abs = field(extent, state, 'min').map((least, at) => Math.max(Math.abs(least), Math.abs(max[at])));
    return {
      parameters: { max_abs, scale: max_abs.map(powerAbove) },
      constant: indexesWhere(max_abs, (most) => most === 0),
    };
  },
  transform: (_, { scale }) => [{ op: 'divide', by: scale }],
  inverse: (_, { scale }) => [{ op: 'multiply', by: scale }],
};

/** The least power of ten above a magnitude, as far as doubles reach; 1 for zero. Its text has the exact exponent. */
function powerAbove(most: number): number {
  if (most === 0) return 1;
  const exponent = Number(most.toExponential().split('e')[1]) + 1;
  return Number(`1e${Math.min(Math.max(exponent, -323), 308)}`);
}

export default decimal;
