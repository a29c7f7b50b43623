import * as z from 'zod';
import type { Method } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';
import type { Step } from '../steps.ts';

const schema = z
  .strictObject({
    method: z.literal('log'),
    axis: axisOption(0),
    kind: z.enum(['log1p', 'log', 'symlog', 'asinh']).default('log1p').meta({
      description:
        'log1p is log(1 + x) and takes what is above -1; log takes what is above 0; symlog, sign(x) · log(1 + |x|), and asinh take any number.',
    }),
    offset: z.number().default(0).meta({ description: 'What is added first.' }),
    base: z
      .union([z.literal('e'), z.literal(2), z.literal(10)], "'e', 2 or 10 is wanted here")
      .default('e')
      .meta({ description: 'The base of the logarithm.' }),
    scale: z.number().positive().default(1).meta({
      description: 'What asinh divides by first: the magnitude at which it turns from linear to logarithmic.',
    }),
    ...commonOptions,
  })
  .refine(({ kind, scale }) => kind === 'asinh' || scale === 1, {
    path: ['scale'],
    message: 'scale belongs to kind asinh',
  })
  .meta({ id: 'Log', title: 'log', description: 'Takes the logarithm of each value; nothing is learned.' });

type Options = z.output<typeof schema>;

/**
 * Logarithms: NumPy's `log1p`, `log` and `arcsinh`, and `sign(x) · log1p|x|`. A value that has none is an error under
 * nan_policy `raise`; otherwise it becomes NaN, or −∞ where NumPy gives that.
 */
const log: Method<Options> = {
  name: 'log',
  schema,
  about: {
    title: 'Logarithm',
    formula:
      'y = log(1 + x + offset) / log(base); with kind log: log(x + offset); symlog: sign(u) · log(1 + |u|), u = x + offset; asinh: arcsinh(u / scale)',
    keeps: ['the order of the values', 'zeros, with kinds log1p, symlog and asinh', 'ratios, as differences'],
    loses: ['distances: far values are drawn together', 'skewness to the right: that is the point'],
    outliers: 'Large values are drawn in, and no value has any influence on another.',
    when: 'Counts, amounts, durations and rates that span orders of magnitude, and whose ratios mean more than their differences.',
    sources: [
      'numpy.log1p, numpy.log, numpy.arcsinh',
      'Webber (2012): symlog',
      'Burbidge, Magee and Robb (1988): asinh',
    ],
  },
  parameters: {},
  invertible: true,
  mergeable: true,
  weighted: false,
  perSample: false,
  outlierSensitive: false,
  reductions: () => [],
  learn: () => ({ parameters: {}, constant: [] }),
  transform({ kind, offset, base, scale }) {
    const steps: Step[] = [];
    if (offset !== 0) steps.push({ op: 'add', by: offset });
    if (scale !== 1) steps.push({ op: 'divide', by: scale });
    steps.push({ op: kind });
    if (base !== 'e') steps.push({ op: 'divide', by: Math.log(base) });
    return steps;
  },
  inverse({ kind, offset, base, scale }) {
    const steps: Step[] = [];
    if (base !== 'e') steps.push({ op: 'multiply', by: Math.log(base) });
    steps.push({ op: `${kind}-inverse` });
    if (scale !== 1) steps.push({ op: 'multiply', by: scale });
    if (offset !== 0) steps.push({ op: 'subtract', by: offset });
    return steps;
  },
  sklearn: {
    class: 'FunctionTransformer',
    axis: 0,
    params: {
      func: {
        option: 'kind',
        values: { log1p: 'log1p', log: 'log', arcsinh: 'asinh' },
        isFunction: true,
        required: true,
      },
      inverse_func: {
        option: 'kind',
        values: { expm1: 'log1p', exp: 'log', sinh: 'asinh' },
        isFunction: true,
        optional: true,
      },
    },
    fixed: { kw_args: null, inv_kw_args: null },
    ignored: ['validate', 'accept_sparse', 'check_inverse', 'feature_names_out'],
    // NumPy lets NaN through, and tells of a value outside the domain by one.
    nanPolicy: 'omit',
    attributes: () => ({}),
  },
};

export { log as method };
