import type { ApiDocument, Schema } from './document.ts';
import type { Random } from './random.ts';

/** Numbers that programs trip over. */
export const awkward = [
  ...[0, -0, 1, -1, 0.5, 1e-17, 5e-324, 1e15, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), 2 ** 64],
  ...[1e300, 1.7976931348623157e308, -1e308, 255, 256, 65536, 1e-300],
];

const strings = ['', 'NaN', 'Infinity', 'example', '1', 'null', '__proto__', 'constructor', '\ud800', 'ü😀', '../..'];

/** A number of items that is mostly small. */
function length(random: Random, least = 0, most = 6): number {
  return Math.min(Math.max(least, random.integer(5)), Math.max(least, most));
}

/** A value that fits a schema, as far as JSON Schema tells. */
export function valueOf(document: ApiDocument, given: Schema, random: Random, depth = 0): unknown {
  const schema = document.resolve(given);
  const again = (inner: Schema) => valueOf(document, inner, random, depth + 1);
  if (Array.isArray(schema.examples) && random.chance(0.3)) return structuredClone(random.pick(schema.examples));
  if ('const' in schema) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return again(random.pick(branches));
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(again));
  const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
  if (type === 'null') return null;
  if (type === 'boolean') return random.chance(0.5);
  if (type === 'integer' || type === 'number') return numberOf(schema, type === 'integer', random);
  if (type === 'string') return random.chance(0.7) ? 'example' : random.pick(strings);
  if (type === 'array') {
    const first = (schema.prefixItems ?? []).map(again);
    if (schema.items === false) return first;
    const count = length(random, schema.minItems, schema.maxItems);
    const item = Object.keys(schema.items ?? {}).length > 0 ? schema.items : undefined;
    return item ? [...first, ...Array.from({ length: count }, () => again(item))] : rows(random);
  }
  if (type === 'object' || schema.properties) {
    const required: string[] = schema.required ?? [];
    const members = Object.entries<Schema>(schema.properties ?? {}).filter(
      ([name]) => required.includes(name) || random.chance(depth > 4 ? 0.1 : 0.25),
    );
    return Object.fromEntries(members.map(([name, member]) => [name, again(member)]));
  }
  return random.chance(0.5) ? rows(random) : random.pick([...awkward, null]);
}

function numberOf(schema: Schema, integral: boolean, random: Random): number {
  const low = schema.minimum ?? schema.exclusiveMinimum ?? -100;
  const high = Math.min(schema.maximum ?? schema.exclusiveMaximum ?? 100, 1e6);
  if (random.chance(0.2)) return random.pick(awkward);
  const value = random.chance(0.6)
    ? Math.max(low, Math.min(high, random.integer(4)))
    : low + random.number() * (high - low);
  return integral ? Math.round(value) : value;
}

/** Data in one of their three forms. */
export function dataOf(random: Random, shape = shapeFrom(random)): unknown {
  const form = random.integer(4);
  if (form < 2) return rows(random, shape);
  const count = shape.reduce((product, length) => product * length, 1);
  const data = Array.from({ length: count }, () => random.integer(100) / 4);
  if (form === 2) return { dtype: random.pick(['float64', 'float32', 'float16']), shape, data };
  return { dtype: 'float32', shape, base64: Buffer.from(Float32Array.from(data).buffer).toString('base64') };
}

function shapeFrom(random: Random): number[] {
  return Array.from({ length: random.pick([1, 2, 2, 2, 3]) }, () => 1 + random.integer(5));
}

/** Nested lists as data mostly are, now and then with what data are not. */
function rows(random: Random, shape = shapeFrom(random)): unknown {
  const cell = () => {
    if (random.chance(0.01)) return random.pick([null, 'NaN', '-Infinity', ...awkward]);
    return random.chance(0.5) ? random.integer(10) : random.number() * 20 - 10;
  };
  const list = (at: number): unknown =>
    at === shape.length ? cell() : Array.from({ length: shape[at] }, () => list(at + 1));
  return list(0);
}
