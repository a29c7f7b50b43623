import type { Parameters, ResolvedOptions } from '#normalizers/method.ts';
import { type Division, divisionOf } from '#normalizers/composition/output-columns.ts';
import type { Scan } from '#normalizers/scans.ts';
import type { SampleWeights } from '#statistics/reduce-block.ts';
import type { GroupsCore, LeafPlan, PartPlan } from './part-plan.ts';

/** What one pass does with a block for a normalizer. Plain data, so that it can be sent to a worker. */
export type PartJob = LeafJob | SequenceJob | ColumnsJob | GroupsJob;

export interface LeafJob {
  kind: 'leaf';
  id: number;
  pointer: string;
  normalizer: ResolvedOptions;
  direction: Direction;
  /** What it takes is looked at for these. */
  scans: Scan[];
  weights?: SampleWeights;
  /** The parameters of the slices from `from` on; without them the block's slices are fitted on the block itself. */
  given?: GivenParameters;
  /** Whether to return the parameters of a fit on the block itself, not only what warnings need; undefined where it has been returned. */
  keepsFit?: boolean;
  /** Of its slices, where these are columns that have names. */
  names?: readonly string[];
  /** Whether what it gives is wanted. */
  applies: boolean;
  /** Where each group has parameters of its own: the slices of one. */
  groupSlices?: number;
  /** Whether what it takes is shown to whoever runs the job. */
  shows?: true;
}

export interface SequenceJob {
  kind: 'sequence';
  parts: PartJob[];
}

export interface ColumnsJob {
  kind: 'columns';
  branches: { from: number[]; to: number[]; job: PartJob }[];
  passed: Division['passed'];
  toLength: number;
  applies: boolean;
}

export interface GroupsJob {
  kind: 'groups';
  /** Of each group, and of all of them together. */
  job?: PartJob;
  global?: PartJob;
  index: Int32Array;
  count: number;
  applies: boolean;
}

export interface GivenParameters {
  from: number;
  parameters: Parameters;
}

export type Direction = 'transform' | 'inverse';

/** What a job is made for. */
export interface JobContext {
  direction: Direction;
  /** Whether what the whole normalizer gives is wanted. */
  applies: boolean;
  /** What a plain normalizer is to do. */
  leafJob(leaf: LeafPlan, applies: boolean): LeafJob | undefined;
}

/** The job of a normalizer; undefined where there is nothing to do. */
export function jobOf(part: PartPlan, context: JobContext, applies = context.applies): PartJob | undefined {
  const { core } = part;
  if (core.kind === 'columns')
    return divide(part, context, applies, (at) => core.parts[at] && jobOf(core.parts[at], context, applies));
  const inner = (): PartJob | undefined => {
    if (core.kind === 'leaf') return context.leafJob(core.leaf, applies);
    return core.kind === 'groups' ? groupsJob(core, context, applies) : sequenceJob(core.parts, context, applies);
  };
  return core.columns ? divide(part, context, applies, inner) : inner();
}

/** What all groups have together is never applied by itself: groups that were not seen take its parameters. */
function groupsJob({ parts, index }: GroupsCore, context: JobContext, applies: boolean): PartJob | undefined {
  const [own, all] = parts;
  const job = jobOf(own, context, applies);
  const global = all && !applies ? jobOf(all, context, false) : undefined;
  return job || global ? { kind: 'groups', job, global, index: index.index, count: index.count, applies } : undefined;
}

/** Steps are computed as far as what comes of them is looked at. */
function sequenceJob(parts: readonly PartPlan[], context: JobContext, applies: boolean): PartJob | undefined {
  const isInverse = context.direction === 'inverse';
  let isWanted = applies;
  const jobs: PartJob[] = [];
  for (const part of isInverse ? parts : parts.toReversed()) {
    const job = jobOf(part, context, isWanted);
    if (!job) continue;
    jobs.unshift(job);
    isWanted = true;
  }
  return jobs.length > 0 ? { kind: 'sequence', parts: jobs } : undefined;
}

function divide(
  { normalizer, shape }: PartPlan,
  { direction }: JobContext,
  applies: boolean,
  jobAt: (part: number) => PartJob | undefined,
): PartJob | undefined {
  const division = divisionOf(normalizer, shape.at(-1) ?? 1, direction === 'inverse');
  if (!division) throw new Error('Columns are divided by who names them.');
  const { passed, toLength } = division;
  const branches = division.branches.flatMap(({ part, from, to }) => {
    const job = jobAt(part);
    return job ? [{ from, to, job }] : [];
  });
  return applies || branches.length > 0 ? { kind: 'columns', branches, passed, toLength, applies } : undefined;
}
