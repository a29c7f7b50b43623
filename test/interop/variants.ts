import * as z from 'zod';
import { type Method } from '#normalizers/method.ts';

/** Values worth trying of an option, by its name: what its schema does not list by itself. */
const values: Record<string, readonly unknown[]> = {
  feature_range: [[-1, 2.5]],
  clip: [
    [-0.5, 0.75],
    [null, 2],
  ],
  fill: [-9],
  order: [0, 1, 3, 0.5, -1, -2.5, 'inf', '-inf'],
  epsilon: [1.5],
  ddof: [1],
  quantile_range: [[5, 80]],
  n_quantiles: [1, 2, 7, 32],
  n_components: [2],
  range: [
    [1, 20],
    [null, 3],
  ],
  offset: [30],
  base: [2, 10],
  scale: [0.25],
  rescale: [1 / 255],
  mean: [0.5, [1, 2, 3]],
  std: [0.25, [0.5, 1.5, 2]],
};

/** What a method needs beside its defaults to take any number. */
export const anyNumber: Record<string, object> = { log: { kind: 'symlog' } };

interface Property {
  type?: string;
  enum?: unknown[];
  default?: unknown;
}

const common = ['method', 'axis', 'nan_policy', 'on_constant', 'columns'];

type Options = Record<string, unknown> & { method: string };

/**
 * A method with its defaults, with each of its own options at every other value that it lists or that is worth trying,
 * and with any two of those.
 */
export function variantsOf(method: Method): Options[] {
  const { $defs } = z.toJSONSchema(method.schema, { io: 'input' });
  const [schema] = Object.values($defs ?? {}) as { properties: Record<string, Property> }[];
  const own = Object.entries(schema.properties).filter(([name]) => !common.includes(name));
  const changes = own.map(([name, property]) => {
    const listed = property.enum ?? (property.type === 'boolean' ? [true, false] : []);
    return [...listed, ...(values[name] ?? [])]
      .filter((value) => value !== property.default)
      .map((value) => ({ [name]: value }));
  });
  const pairs = changes.flatMap((some, at) =>
    changes.slice(at + 1).flatMap((others) => some.flatMap((one) => others.map((other) => ({ ...one, ...other })))),
  );
  return [{}, ...changes.flat(), ...pairs]
    .map((options) => ({ method: method.name, ...options }))
    .filter((options) => method.schema.safeParse(options).success);
}
