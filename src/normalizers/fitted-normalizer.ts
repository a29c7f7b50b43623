import type { Profile } from '#statistics/drift/profile.ts';
import type { PackedSketches } from '#statistics/packed-sketches.ts';
import type { State } from '#statistics/reduction.ts';
import type { Dtype } from '#tensor/dtype.ts';
import type { Fit } from './fit.ts';
import type { Parameters, ResolvedOptions } from './method.ts';
import type { Scope } from './scope.ts';

/** What a fit was made of. */
export interface FittedInput {
  dtype: Dtype;
  shape: (number | null)[];
  /** The columns of numbers and booleans of a table, in its order. */
  columns?: readonly string[];
  /** Its other columns. */
  passedThrough?: readonly string[];
}

/** A fitted normalizer: one self-contained document, in memory. */
export interface Fitted {
  normalizer: ResolvedOptions;
  /** What the input looked like; `null` where another batch may differ. */
  input: FittedInput;
  parameters: Parameters;
  /** The shape each parameter has. */
  keptShape: number[];
  /** One number when equal for every slice, otherwise one per slice. */
  samplesSeen: number | Float64Array<ArrayBuffer>;
  scope: Scope;
  /** Merging state, one per reduction of the method; absent if documents cannot be merged. */
  states?: readonly State[];
  sketches?: PackedSketches;
  /** Whether the parameters come from sketches that no longer hold every value. */
  approximate?: boolean;
  /** What the data were like, for comparing others with them. */
  profile?: Profile;
}

/** Number of entries seen: one number if it is the same for every slice. */
export function samplesSeen({ seen }: Fit): Fitted['samplesSeen'] {
  const [first] = seen;
  return seen.every((count) => count === first) ? first : seen;
}
