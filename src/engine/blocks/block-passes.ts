import type { Parameters } from '#normalizers/method.ts';
import type { Scan } from '#normalizers/scans.ts';
import { slicesTouched } from '#tensor/layout.ts';
import type { Block } from '#tensor/source.ts';
import { type GivenParameters, jobOf, type LeafJob, type PartJob } from '#engine/parts/part-jobs.ts';
import type { LeafPlan, PartPlan } from '#engine/parts/part-plan.ts';
import { namesOfSlices } from '#engine/tables/place-warnings.ts';
import type { BlockJob } from './run-block.ts';

/** What one pass does to a block. */
export type BlockPass = Pick<BlockJob, 'scans' | 'picking' | 'counting' | 'job' | 'output'>;

/** Up to this many slices, every block gets all parameters; beyond it only those of its own slices. */
const maxSlicesHandedOver = 4096;

/** What a pass is to do for a normalizer. */
export interface PassOptions {
  direction: 'transform' | 'inverse';
  /** Its number; what is known only after earlier passes is computed from then on. */
  pass: number;
  /** Whether it is the one in which the data are transformed. */
  applies: boolean;
  /** Whether fits on single blocks are kept with their parameters. */
  keepsFit: boolean;
  /** Whether fits on single blocks are returned at all: those of each normalizer once. */
  returnsFit(leaf: LeafPlan): boolean;
  /** Of the columns of a table. */
  names?: readonly string[];
  /** What a plain normalizer's values are looked at for. */
  scansOf(leaf: LeafPlan): Scan[];
  /** The plain normalizer that shows what it takes. */
  shows?: number;
  parametersOf(leaf: LeafPlan): Parameters | undefined;
}

/** The job of a pass for one block; undefined where there is nothing to do. */
export function passJob(root: PartPlan, block: Block, options: PassOptions): PartJob | undefined {
  const { direction, pass, applies, keepsFit } = options;
  return jobOf(root, {
    direction,
    applies,
    leafJob(leaf, isWanted): LeafJob | undefined {
      if (leaf.pass > pass) return undefined;
      const { id, pointer, normalizer, weights } = leaf;
      const groupSlices = leaf.groups?.slices;
      if (id === options.shows)
        return {
          kind: 'leaf',
          id,
          pointer,
          normalizer,
          direction,
          groupSlices,
          scans: [],
          applies: false,
          shows: true,
        };
      const scans = leaf.pass === pass ? options.scansOf(leaf) : [];
      const isKnown = !(leaf.accumulates && leaf.pass === pass);
      const job = { kind: 'leaf', id, pointer, normalizer, direction, groupSlices, scans, weights } as const;
      const isOwn = leaf.fits && !leaf.accumulates;
      const returns = isOwn && options.returnsFit(leaf);
      if (!(isKnown && (isWanted || returns))) return scans.length > 0 ? { ...job, applies: false } : undefined;
      const names = namesOfSlices(leaf, options.names);
      if (isOwn) return { ...job, names, keepsFit: returns ? keepsFit : undefined, applies: isWanted };
      return { ...job, given: givenTo(leaf, block, options.parametersOf(leaf) ?? {}), applies: isWanted };
    },
  });
}

function givenTo({ layout, share, method, groups }: LeafPlan, block: Block, parameters: Parameters): GivenParameters {
  const perSlice = Object.values(method.parameters).every((along) => along === 'slices');
  if (layout.slices <= maxSlicesHandedOver || !perSlice || groups) return { from: 0, parameters };
  const { from, to } = slicesTouched(layout, block.offset * share, block.count * share);
  const own = Object.entries(parameters).map(([name, values]) => [name, values.slice(from, to)]);
  return { from, parameters: Object.fromEntries(own) };
}
