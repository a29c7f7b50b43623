import type { Fit } from '#normalizers/fit.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { GroupIndex } from '#normalizers/composition/groups.ts';
import type { Method, ResolvedOptions } from '#normalizers/method.ts';
import type { Scope } from '#normalizers/scope.ts';
import type { SampleWeights } from '#statistics/reduce-block.ts';
import type { BlockPlan } from '#tensor/blocks.ts';
import type { Layout } from '#tensor/layout.ts';

/** A plain normalizer among those that a call's normalizer is made of; the only one, where that is plain itself. */
export interface LeafPlan {
  /** Its place among all of them. */
  id: number;
  /** Where it stands in the request, as a JSON pointer. */
  pointer: string;
  /** Without `columns`: whoever runs it picks them. */
  normalizer: ResolvedOptions;
  method: Method;
  reduced: boolean[];
  /** Layout of the data that it takes, and their shape. */
  layout: Layout;
  shape: number[];
  scope: Scope;
  /** Whether to fit the data; otherwise the parameters are given. */
  fits: boolean;
  /** Whether every slice lies within one block, so that each block can be fitted and transformed in one step. */
  local: boolean;
  /** Whether its states are gathered from all blocks for the fit; otherwise each block is fitted by itself. */
  accumulates: boolean;
  /** Of the passes over the data, the first in which what it takes is known. */
  pass: number;
  /** Whether fitting needs every slice whole, so that the data are held. */
  needsWholeSlices: boolean;
  weights?: SampleWeights;
  /** The fit of a method that learns nothing from the data. */
  constants?: Fit;
  /** What was fitted before. */
  fitted?: Fitted;
  /** Where each group of samples has parameters of its own: how many there are, their slices, and those that count as not seen. */
  groups?: { count: number; slices: number; small: number[] };
  /** The place of the one that is fitted on all groups together, for samples of others. */
  global?: number;
  /** Whether it takes values as they came, which no other normalizer has changed. */
  isFirst: boolean;
  /** The columns of the call's data that its own are, or stand for; absent where they are all of them. */
  columns?: number[];
  /** Elements that it takes as a fraction of those that the call has. */
  share: number;
}

/** How a normalizer runs on data of a shape. */
export interface PartPlan {
  normalizer: ResolvedOptions;
  /** What it takes as a whole, before it picks columns. */
  shape: number[];
  scope: Scope;
  /** `input.shape` of the fitted document. */
  inputShape: (number | null)[];
  core: LeafCore | SequenceCore | ColumnsCore | GroupsCore;
}

export interface LeafCore {
  kind: 'leaf';
  leaf: LeafPlan;
  /** The columns it picks; absent where it takes all. */
  columns?: number[];
}

export interface SequenceCore {
  kind: 'sequence';
  /** Undefined where a step leaves the data as they are. */
  parts: PartPlan[];
  columns?: number[];
}

export interface ColumnsCore {
  kind: 'columns';
  /** By their places among the parts; undefined where columns pass or are dropped. */
  parts: (PartPlan | undefined)[];
}

export interface GroupsCore {
  kind: 'groups';
  /** The part for each group, and the same for all of them together where samples of other groups take that. */
  parts: PartPlan[];
  index: GroupIndex;
  columns?: number[];
}

/** What planning needs to know of the call. */
export interface PlanContext {
  /** The shape of the data that the normalizer takes; for an inverse, of those that it gives. */
  shape: number[];
  isTransform: boolean;
  /** Whether the data are transformed, too, and not only fitted. */
  applies: boolean;
  plan: BlockPlan;
  /** One weight for each sample. */
  weights?: Float64Array;
  /** The groups of the samples, by what tells groupings apart. */
  groups?: Readonly<Record<string, GroupIndex>>;
}

/** Where a part stands. */
export interface Place {
  shape: number[];
  pointer: string;
  fitted?: Fitted;
  /** The first pass in which what it takes is known. */
  pass: number;
  isFirst: boolean;
  /** Whether another part learns from what this one gives. */
  isFollowed: boolean;
  /** Groups of samples, each of which has parameters of its own. */
  groups?: GroupIndex & { small: number[] };
  /** Whether it is fitted on all groups together, for samples of others. */
  isOfAllGroups?: boolean;
  /** The part that is fitted on all groups together: its plain normalizers have the same order. */
  globals?: readonly LeafPlan[];
  /** The columns of the call's data that its own stand for; undefined where these are all. */
  columns?: number[];
}
