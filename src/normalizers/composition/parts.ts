import type { CommonOptions, Composition, Part, Shorthand } from '../method.ts';
import { methodOf } from '../normalizer.ts';

export function compositionOf(normalizer: CommonOptions): Composition<CommonOptions> | undefined {
  return methodOf(normalizer).composition;
}

export function isShorthand(normalizer: CommonOptions | Shorthand): normalizer is Shorthand {
  return typeof normalizer === 'string';
}

/** The parts that compute something; none of a plain normalizer. */
function normalizersIn(normalizer: CommonOptions): CommonOptions[] {
  const parts = compositionOf(normalizer)?.partsOf(normalizer) ?? [];
  return parts.flatMap((part) => (isShorthand(part.normalizer) ? [] : [part.normalizer]));
}

/** The plain normalizers that one is made of: itself, where it is plain. */
export function leavesOf(normalizer: CommonOptions): CommonOptions[] {
  return compositionOf(normalizer) ? normalizersIn(normalizer).flatMap(leavesOf) : [normalizer];
}

/** Whether it, or a part of it, takes some of the columns: blocks then have whole rows. */
export function picksColumns(normalizer: CommonOptions): boolean {
  const kind = compositionOf(normalizer)?.kind;
  return normalizer.columns !== undefined || kind === 'columns' || normalizersIn(normalizer).some(picksColumns);
}

/** Whether it takes weights: some part does, and all others learn nothing. */
export function takesWeights(normalizer: CommonOptions): boolean {
  const leaves = leavesOf(normalizer);
  return (
    leaves.some((leaf) => methodOf(leaf).weighted) && leaves.every((leaf) => methodOf(leaf).weighted || !learns(leaf))
  );
}

/** Whether the transform has an inverse. */
export function isInvertible(normalizer: CommonOptions): boolean {
  return leavesOf(normalizer).every((leaf) => {
    const method = methodOf(leaf);
    return method.isInvertible?.(leaf) ?? method.invertible;
  });
}

/** Whether there is a range of the fitted data that others can be outside of. */
export function hasFittedRange(normalizer: CommonOptions): boolean {
  return leavesOf(normalizer).every((leaf) => methodOf(leaf).fittedRange !== undefined);
}

/** Whether anything is learned of the data. */
export function learns(normalizer: CommonOptions): boolean {
  return leavesOf(normalizer).some((leaf) => methodOf(leaf).reductions(leaf).length > 0);
}

/** The same normalizer, with every plain one of which it is made changed. */
export function mapLeaves<Options extends CommonOptions>(
  normalizer: Options,
  change: (leaf: CommonOptions) => CommonOptions,
): Options {
  const composition = compositionOf(normalizer);
  if (!composition) return change(normalizer) as Options;
  const parts = composition.partsOf(normalizer).map((part) => ({
    ...part,
    normalizer: isShorthand(part.normalizer) ? part.normalizer : mapLeaves(part.normalizer, change),
  }));
  return composition.withParts(normalizer, parts) as Options;
}

/** Whether a normalizer's parameters carry over to other batches, as far as its options tell. */
function mayBePerSample(normalizer: CommonOptions): boolean {
  const { axis } = normalizer;
  const axes = axis === null ? [] : [axis].flat();
  return axes.length > 0 && axes.every((one) => one !== 0);
}

/**
 * Why documents of parts of the data cannot be merged, as far as the options tell.
 * @returns undefined where they can, else the reason and where it stands among the options
 */
export function whyUnmergeable(normalizer: CommonOptions): { pointer: string; reason: string } | undefined {
  const composition = compositionOf(normalizer);
  if (!composition) {
    const { name, mergeable } = methodOf(normalizer);
    return mergeable
      ? undefined
      : { pointer: '/method', reason: `${name} cannot be merged: fit all the data at once.` };
  }
  const parts = composition.partsOf(normalizer);
  const whole = composition.kind === 'groups' ? leavesOf(normalizer).find(needsWhole) : undefined;
  if (whole) {
    const reason = `${whole.method} within groups cannot be merged: sketches of every group would be larger than the data. Fit all the data at once.`;
    return { pointer: composition.pointerOf(0), reason };
  }
  let learned: number | undefined;
  for (const [at, { normalizer: part }] of parts.entries()) {
    if (isShorthand(part)) continue;
    const pointer = composition.pointerOf(at);
    if (composition.kind === 'sequence' && learnsOfDataset(part)) {
      if (learned !== undefined) {
        const reason = `Step ${at} (${part.method}) learns from what step ${learned} (${methodOfStep(parts[learned])}) gives, which is known only when all data have been seen: fit all the data at once, or leave one learning step.`;
        return { pointer, reason };
      }
      learned = at;
    }
    const inner = whyUnmergeable(part);
    if (inner) return { pointer: pointer + inner.pointer, reason: inner.reason };
  }
  return undefined;
}

function needsWhole(leaf: CommonOptions): boolean {
  return methodOf(leaf).wholeSlices?.(leaf) === true;
}

function learnsOfDataset(normalizer: CommonOptions): boolean {
  return leavesOf(normalizer).some((leaf) => learns(leaf) && !mayBePerSample(leaf));
}

function methodOfStep({ normalizer }: Part): string {
  return isShorthand(normalizer) ? normalizer : normalizer.method;
}
