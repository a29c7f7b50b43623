import { seeded } from '../seeded.ts';

/** Seeded choices. */
export interface Random {
  /** From 0 up to, and without, 1. */
  number(): number;
  /** From 0 up to, and without, `below`. */
  integer(below: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

export function randomFrom(seed: number): Random {
  const number = seeded(seed);
  const integer = (below: number) => Math.floor(number() * below);
  return {
    number,
    integer,
    chance: (probability) => number() < probability,
    pick: (items) => items[integer(items.length)],
  };
}
