import * as z from 'zod';

const units: Record<string, number> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** A setting that is a number of bytes. */
export const bytes = z
  .string()
  .regex(/^\d+(B|KiB|MiB|GiB)?$/, 'is a number of bytes, such as 268435456, 512KiB, 256MiB or 1GiB')
  .transform((text) => Number.parseInt(text, 10) * (units[text.replace(/^\d+/, '')] ?? 1))
  .refine((size) => size > 0, 'is at least 1');

/** A setting that is a time. */
export const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?s?$/, 'is a number of seconds, such as 10 or 2.5s')
  .transform((text) => Number.parseFloat(text));

const secondsOf: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A setting that is a long time. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?[smhd]?$/, 'is a time such as 3600, 90m, 24h or 7d')
  .transform((text) => Number.parseFloat(text) * (secondsOf[text.slice(-1)] ?? 1))
  .refine((time) => time > 0, 'is above 0');

/** A setting that is a number of things, at least one. */
export const count = z.coerce.number().int().min(1);
