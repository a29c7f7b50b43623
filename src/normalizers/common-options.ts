import * as z from 'zod';
import { axisSchema } from '#statistics/options.ts';
import type { Axis } from '#tensor/axis.ts';

/** The axis option, with the default a method has for it. */
export function axisOption(preset: Axis) {
  return axisSchema.default(preset as number).meta({
    description:
      'The axis or axes the statistics are computed over, exactly as in NumPy: 0 is one statistic per feature, over the samples; -1 one per sample; [0,1,2] on NHWC images one per channel; null one for the whole array.',
  });
}

/** A list of numbers of any length, checked as one: a schema of its items would report every bad one. */
export function listOption(description: string, type: 'integer' | 'number'): z.ZodType<number[]> {
  const isItem = type === 'integer' ? Number.isSafeInteger : Number.isFinite;
  return z
    .unknown()
    .refine((list) => Array.isArray(list) && list.length > 0 && list.every(isItem), `must be a list of ${type}s`)
    .meta({ type: 'array', items: { type }, minItems: 1, description }) as unknown as z.ZodType<number[]>;
}

const limit = z.number().nullable();

/** Two limits, [lo, hi], either of which may be null. */
export function limitsOption(description: string) {
  return z
    .tuple([limit, limit], 'two limits are wanted here, [lo, hi]; null leaves a side open')
    .refine(([low, high]) => low === null || high === null || low < high, 'the first number must be below the second')
    .meta({ description: `${description} null on either side leaves that side open.` });
}

const clipLimits = limitsOption('Limits of the output, [lo, hi].');

/** A list of columns by index or by name, checked as one. */
export function columnList(description: string): z.ZodType<(number | string)[]> {
  return z
    .unknown()
    .refine(
      (list) => Array.isArray(list) && list.length > 0 && list.every(isColumn),
      'must be a list of indexes or of the names of columns',
    )
    .meta({
      type: 'array',
      items: { type: ['integer', 'string'] },
      minItems: 1,
      description,
    }) as unknown as z.ZodType<(number | string)[]>;
}

export const columnsOption = columnList(
  "Indexes along the last axis, or names of a table's columns: only these are normalized, the others pass through.",
).optional();

/** The options every method has. */
export const commonOptions = {
  nan_policy: z.enum(['raise', 'omit', 'propagate']).default('raise').meta({
    description:
      'What to do with NaN: raise is an error; omit ignores it in fit and keeps it in transform; propagate makes the whole slice NaN. Infinities are an error under raise and omit.',
  }),
  on_constant: z.enum(['one', 'error']).default('one').meta({
    description:
      'What to do with a slice whose scale would be zero: one uses scale 1, as in scikit-learn; error rejects it.',
  }),
  columns: columnsOption,
  clip: clipLimits.nullable().optional(),
  fill: z.number().optional().meta({
    description:
      'What NaN becomes in the output, under nan_policy omit or propagate. The inverse does not turn it into NaN again.',
  }),
};

/** The option `clip` of a method whose output has a range of its own. */
export function clipToRange(range: string) {
  return z
    .union([z.boolean(), clipLimits], 'true, false, or two limits are wanted here')
    .nullable()
    .meta({
      description: `true limits the output to ${range}, whatever new values come; [lo, hi], of which either may be null, to those.`,
    });
}

function isColumn(column: unknown): boolean {
  return typeof column === 'string' || Number.isSafeInteger(column);
}

/** Two numbers, the first below the second. */
export function rangeOption(description: string) {
  return z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low < high, 'the first number must be below the second')
    .refine(([low, high]) => Number.isFinite(high - low), 'the width of the range must be finite')
    .meta({ description });
}
