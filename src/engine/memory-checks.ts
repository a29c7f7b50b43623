import { Problem } from '#errors.ts';
import { reserveMemory } from '#memory/reservation.ts';
import { describeReductions } from '#statistics/describe.ts';
import { type Reduction, stateLength } from '#statistics/reduction.ts';
import type { BlockPlan } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { SideStatistics } from './side-statistics.ts';
import type { LeafPlan } from './parts/part-plan.ts';
import type { NormalizationPlan } from './plan-call.ts';

/** Maximum bytes of a learned value: in states that are merged, in the document, and in its text. Measured, and rounded up. */
const bytesPerValue = 96;

/** Bytes of each slice in the lists of a warning. */
export const bytesPerListedSlice = 32;

/** Bytes of a slice's sketch beside its values, and the maximum number of these values. */
const [sketchBytes, maxSketchedValues] = [512, 3984];

/** Bytes of each sketched value. */
const bytesPerSketchedValue = 40;

/** Bytes that every request takes anyway. */
const minReservedBytes = 2 ** 18;

/** What a call learns. */
export interface Learned {
  /** Absent if the call only describes the data. */
  normalization?: NormalizationPlan;
  /** Whether the fit is kept, and whether it must be mergeable. */
  keepsFit: boolean;
  merges: boolean;
  sides: readonly (SideStatistics | undefined)[];
}

/**
 * Reserves memory for what is learned, which with millions of slices is more than the data.
 * @returns releases it
 * @throws Problem body_too_large, unavailable
 */
export function reserveLearned({ normalization, keepsFit, merges, sides }: Learned): () => void {
  const described = sides.reduce(
    (sum, side) => sum + (side ? side.slices * fieldsOf(describeReductions) + side.values : 0),
    0,
  );
  const fitted = sumOver(normalization?.leaves ?? [], (leaf) => bytesOfFit(leaf, keepsFit, merges));
  const bytes = described * bytesPerValue + fitted;
  return bytes > minReservedBytes ? reserveMemory(bytes, 'What is learned of so many slices') : () => undefined;
}

function sumOver<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

function bytesOfFit(
  { method, normalizer, layout, fits, local, scope, weights }: LeafPlan,
  keepsFit: boolean,
  merges: boolean,
): number {
  const { slices, sliceLength } = layout;
  if (!Number.isFinite(slices)) return 0;
  const wholeSlices = method.wholeSlices?.(normalizer) === true;
  // In the kernels' memory, and copied out of it.
  const gathered = fits && method.readsSlices === true ? 2 * 8 * sliceLength : 0;
  // If each block is fitted by itself, warnings are reserved as they come.
  const listed = gathered + (fits && !local ? bytesPerListedSlice * slices : 0);
  if (!keepsFit) return listed;
  const landmarks = method.joint ? slices : Math.min(method.landmarks?.(normalizer) ?? 1, sliceLength);
  const parameters = Object.values(method.parameters).reduce(
    (sum, along) => sum + (along === 'slices' ? slices : along === 'landmarks' ? landmarks : landmarks * slices),
    0,
  );
  const states = method.reductions(normalizer).reduce((sum, reduction) => sum + stateLength(reduction, slices), 0);
  const sketched = merges && wholeSlices && method.mergeable && scope === 'dataset' && !weights;
  const valuesOfSketch = Math.min(sliceLength, maxSketchedValues);
  const sketches = sketched ? slices * (sketchBytes + bytesPerSketchedValue * valuesOfSketch) : 0;
  return listed + (states + parameters) * bytesPerValue + sketches;
}

function fieldsOf(reductions: readonly Reduction[]): number {
  return reductions.reduce((sum, { fields }) => sum + fields.length, 0);
}

/**
 * Reserves the data to buffer, before anything is read.
 * @returns releases them
 * @throws Problem body_too_large if they are over the limit; unavailable
 */
export function checkBufferedBytes(
  input: TensorHeader,
  keepsInput: boolean,
  output: TensorHeader,
  keepsOutput: boolean,
  limit: number,
): () => void {
  const bytes = ({ dtype, shape }: TensorHeader) => elementCount(shape) * itemSize(dtype);
  const held = (keepsInput ? bytes(input) : 0) + (keepsOutput ? bytes(output) : 0);
  if (held <= limit) return held > 0 && limit < Infinity ? reserveMemory(held, 'The data') : () => undefined;
  throw new Problem(
    'body_too_large',
    `This call needs all the data in memory: ${held} bytes, but one request may hold ${limit} (NORMA_BODY_LIMIT).`,
  );
}

/** @throws Problem body_too_large if one block is over the limit: selecting columns needs whole rows */
export function checkRowBytes({ dtype, shape }: TensorHeader, plan: BlockPlan, limit: number): void {
  const bytes = Math.min(plan.length, elementCount(shape)) * itemSize(dtype);
  if (bytes > limit) {
    throw new Problem(
      'body_too_large',
      `One row takes ${bytes} bytes, but one request may hold ${limit} (NORMA_BODY_LIMIT).`,
    );
  }
}
