import * as z from 'zod';
import { methods } from './registry.ts';
import type { CommonOptions, Method } from './method.ts';
import { defineNestedNormalizer } from './composition/nested-normalizer.ts';

type Schemas = [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]];

const missing =
  'A normalizer is missing: {"normalizer": {"method": "minmax"}} in JSON, ?method=minmax in the query of any other body.';

/** A normalizer: a method with the options a user chose, defaults filled in. */
export const Normalizer = z
  .discriminatedUnion('method', methods.map((method) => method.schema) as unknown as Schemas, {
    error: ({ input }) => (input === undefined ? missing : undefined),
  })
  .meta({ id: 'Normalizer', description: 'A method with its options.' }) as unknown as z.ZodType<CommonOptions>;

defineNestedNormalizer(Normalizer);

/** The method a normalizer names. */
export function methodOf(normalizer: { method: string }): Method {
  const found = methods.find((method) => method.name === normalizer.method);
  if (!found) throw new Error(`No method ${normalizer.method}`);
  return found;
}
