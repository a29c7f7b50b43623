import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { CommonOptions, Method } from './normalizer.ts';

const folder = fileURLToPath(new URL('./methods/', import.meta.url));
const require = createRequire(folder);

/** Every file in `methods/` is a method: adding one touches no other file. By require, which awaits nothing (see workers/thread.ts). */
export const methods: readonly Method[] = readdirSync(folder)
  .sort()
  .map((file) => (require(`./${file}`) as { method: Method }).method);

type Schemas = [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]];

/** A normalizer: a method with the options a user chose, defaults filled in. */
export const Normalizer = z
  .discriminatedUnion('method', methods.map((method) => method.schema) as unknown as Schemas)
  .meta({ id: 'Normalizer', description: 'A method with its options.' }) as unknown as z.ZodType<CommonOptions>;

/** The method a normalizer names. */
export function methodOf(normalizer: { method: string }): Method {
  const found = methods.find((method) => method.name === normalizer.method);
  if (!found) throw new Error(`No method ${normalizer.method}`);
  return found;
}
