import type { Random } from './random.ts';
import { awkward } from './values.ts';

/** A JSON value with something in it replaced, doubled, taken out or put in. */
export function mutateJson(value: unknown, random: Random): unknown {
  const copy = structuredClone(value);
  const places: [holder: any, key: string | number][] = [];
  collect(copy, places);
  if (places.length === 0) return odd(random);
  for (let times = 1 + random.integer(3); times > 0; times--) {
    const [holder, key] = random.pick(places);
    const way = random.integer(5);
    if (way === 0) delete holder[key];
    else if (way === 1) holder[key] = [holder[key], holder[key]];
    else if (way === 2 && !Array.isArray(holder))
      holder[random.pick(['axis', 'data', 'unknown', 'toString', ''])] = odd(random);
    else if (way === 3) holder[key] = random.pick(places)[0][random.pick(places)[1]];
    else holder[key] = odd(random);
  }
  return isCyclic(copy) ? odd(random) : copy;
}

function collect(value: any, places: [any, string | number][]): void {
  if (typeof value !== 'object' || value === null || places.length > 500) return;
  for (const key of Object.keys(value)) {
    places.push([value, key]);
    collect(value[key], places);
  }
}

function isCyclic(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return false;
  } catch {
    return true;
  }
}

function odd(random: Random): unknown {
  return random.pick<unknown>([
    ...awkward,
    null,
    true,
    '',
    'NaN',
    [],
    {},
    [[]],
    [[1], [1, 2]],
    'x'.repeat(300),
    { a: 1 },
    '1e999',
  ]);
}

/** Bytes with some of them changed, cut off, put in twice or replaced by lengths that lie. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let mutated: Buffer = Buffer.from(bytes);
  for (let times = 1 + random.integer(4); times > 0 && mutated.length > 0; times--) {
    const at = random.chance(0.6) ? random.integer(Math.min(mutated.length, 200)) : random.integer(mutated.length);
    const way = random.integer(7);
    if (way === 0) mutated[at] ^= 1 << random.integer(8);
    else if (way === 1) mutated[at] = random.pick([0, 1, 0x7f, 0x80, 0xff]);
    else if (way === 2) mutated = mutated.subarray(0, at);
    else if (way === 3)
      mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(random.integer(mutated.length))]);
    else if (way === 4) mutated = Buffer.concat([mutated, mutated.subarray(at)]);
    else if (way === 5)
      mutated = Buffer.concat([mutated.subarray(0, at), Buffer.alloc(random.integer(20), 0x5b), mutated.subarray(at)]);
    else if (mutated.length >= at + 4)
      mutated.writeUInt32LE(random.pick([0, 1, 0x7fffffff, 0xffffffff, 0x10000, 0x80000000]), at);
  }
  return mutated;
}
