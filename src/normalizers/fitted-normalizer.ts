import type { Profile } from '#statistics/drift/profile.ts';
import type { PackedSketches } from '#statistics/packed-sketches.ts';
import type { State } from '#statistics/reduction.ts';
import type { Dtype } from '#tensor/dtype.ts';
import type { Fit } from './fit.ts';
import type { Groups } from './composition/groups.ts';
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
  /**
   * Of a normalizer made of others, what each of them learned of the columns that it takes, in their order; undefined for
   * columns that pass or are dropped. All of the above that is learned is theirs then.
   */
  parts?: readonly (Fitted | undefined)[];
  /**
   * Of a normalizer for each group: the groups. Its first part has the parameters of all of them, stacked, and a second one
   * those of all data together, where rows of other groups take them.
   */
  groups?: Groups;
}

/** Number of entries seen: one number if it is the same for every slice. */
export function samplesSeen({ seen }: Fit): Fitted['samplesSeen'] {
  const [first] = seen;
  return seen.every((count) => count === first) ? first : seen;
}

/** The plain normalizers that a fitted one is made of: itself, where it is plain. */
export function fittedLeaves(fitted: Fitted): Fitted[] {
  return fitted.parts ? fitted.parts.flatMap((part) => (part ? fittedLeaves(part) : [])) : [fitted];
}
