import type { Danger } from '#evidence/dangers.ts';
import { seeded } from '../seeded.ts';

/** Data for which the right advice is known. */
export interface Known {
  name: string;
  shape: number[];
  values: number[];
  labels?: number[];
  /** Methods that the advice for distances must, and must not, leave to choose from; `input` are the data as they are. */
  distances: { has?: string; lacks?: string };
  /** The same for gradient descent. */
  gradients?: { has?: string; lacks?: string };
  danger?: [code: Danger['code'], method: string];
}

type Random = () => number;

/** A normal number by Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const samples = 140;

/** Rows of a table; the label of each is 0 or 1 in turn. */
function table(columns: number, seed: number, rowOf: (label: number, random: Random) => number[]) {
  const random = seeded(seed);
  const labels = Array.from({ length: samples }, (_, i) => i % 2);
  return { shape: [samples, columns], values: labels.flatMap((label) => rowOf(label, random)), labels };
}

/** A column that tells the classes apart in units of 1, beside noise in units a thousand times as large. */
function unlikeScales(seed: number): Known {
  const scale = 10 ** (2 + seed);
  const data = table(4, seed, (label, random) => [
    3 * label + normal(random),
    3 * label + normal(random),
    scale * normal(random),
    scale * normal(random),
  ]);
  const rule = { has: 'zscore', lacks: 'input' };
  return { name: `unlike scales, ${scale}`, ...data, distances: rule, gradients: rule };
}

/** What tells the classes apart is a factor; the largest numbers of all classes drown it. */
function heavyTails(seed: number): Known {
  const data = table(3, 10 + seed, (label, random) =>
    [0, 1, 2].map((j) => 10 ** j * Math.exp(2.5 * label + 1.5 * normal(random))),
  );
  return {
    name: `heavy tails ${seed}`,
    ...data,
    distances: { has: 'power', lacks: 'norm' },
    gradients: { has: 'power', lacks: 'input' },
  };
}

/** Some values far away in one column, without labels. */
function outliers(seed: number): Known {
  const { labels: _, ...data } = table(3, 20 + seed, (_label, random) => {
    const far = random() < 0.03 ? 1e4 * (1 + random()) : 0;
    return [normal(random) + far, 100 * normal(random), 5 + normal(random)];
  });
  return { name: `outliers ${seed}`, ...data, distances: { has: 'robust', lacks: 'minmax' } };
}

/** Counts that are mostly zero, in columns of unlike size, without labels. */
function sparse(seed: number): Known {
  const { labels: _, ...data } = table(6, 30 + seed, (_label, random) =>
    [1, 1, 10, 10, 100, 100].map((scale) => (random() < 0.25 ? Math.ceil(scale * random() * 10) : 0)),
  );
  return {
    name: `sparse ${seed}`,
    ...data,
    distances: { has: 'minmax', lacks: 'zscore' },
    danger: ['zeros_lost', 'zscore'],
  };
}

/** Two shells: the norm is all there is. */
function informativeNorm(seed: number): Known {
  const data = table(3, 40 + seed, (label, random) => {
    const direction = [normal(random), normal(random), normal(random)];
    const length = Math.hypot(...direction);
    return direction.map((value) => ((1 + 1.5 * label + 0.2 * normal(random)) * value) / length);
  });
  return {
    name: `informative norm ${seed}`,
    ...data,
    distances: { has: 'input', lacks: 'norm' },
    danger: ['norm_is_signal', 'norm'],
  };
}

/** Two directions at lengths that differ a thousandfold: the norm is noise. */
function pureDirection(seed: number): Known {
  const data = table(4, 50 + seed, (label, random) => {
    const length = Math.exp(3 * normal(random));
    const axis = [1, label, 1 - label, 0.5];
    return axis.map((value) => length * (value + 0.25 * normal(random)));
  });
  return { name: `pure direction ${seed}`, ...data, distances: { has: 'norm', lacks: 'input' } };
}

/** Constant columns beside unlike scales. */
function constantColumns(seed: number): Known {
  const data = table(5, 60 + seed, (label, random) => [
    7,
    2.5 * label + normal(random),
    2.5 * label + normal(random),
    500 * normal(random),
    0,
  ]);
  return { name: `constant columns ${seed}`, ...data, distances: { has: 'zscore', lacks: 'input' } };
}

/** Columns in the same unit already. */
function alreadyScaled(seed: number): Known {
  const data = table(4, 70 + seed, (label, random) => [
    2 * label + normal(random),
    normal(random),
    1.5 * label + normal(random),
    normal(random),
  ]);
  return { name: `already scaled ${seed}`, ...data, distances: { has: 'input' }, gradients: { has: 'input' } };
}

/** "Missing" is −9999 in a column, without labels. */
function sentinels(seed: number): Known {
  const { labels: _, ...data } = table(3, 80 + seed, (_label, random) => [
    random() < 0.05 ? -9999 : 20 + 5 * normal(random),
    1000 + 200 * normal(random),
    normal(random),
  ]);
  return {
    name: `sentinels ${seed}`,
    ...data,
    distances: { has: 'robust', lacks: 'minmax' },
    danger: ['sentinels', 'minmax'],
  };
}

/** Images of a blob, with a pixel on the rim that is set once in a while, without labels. */
function rimPixels(seed: number): Known {
  const random = seeded(90 + seed);
  const side = 6;
  const values = Array.from({ length: samples }, (_, i) =>
    Array.from({ length: side * side }, (__, pixel) => {
      const [y, x] = [Math.floor(pixel / side), pixel % side];
      const isRim = Math.min(y, x) === 0 || Math.max(y, x) === side - 1;
      if (isRim) return pixel === 0 && i === 7 ? 9 : 0;
      return Math.floor(255 * random());
    }),
  ).flat();
  return {
    name: `rim pixels ${seed}`,
    shape: [samples, side, side],
    values,
    distances: { has: 'input' },
    danger: ['near_constant_columns', 'zscore'],
  };
}

const kinds = [
  unlikeScales,
  heavyTails,
  outliers,
  sparse,
  informativeNorm,
  pureDirection,
  constantColumns,
  alreadyScaled,
  sentinels,
  rimPixels,
];

/** Thirty data sets for which the right advice is known, three of each kind. */
export const knownSets: Known[] = kinds.flatMap((kind) => [1, 2, 3].map(kind));
