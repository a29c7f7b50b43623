import type { Fit } from '#normalizers/fit.ts';
import { type Fitted, samplesSeen } from '#normalizers/fitted-normalizer.ts';
import type { Groups } from '#normalizers/composition/groups.ts';
import type { ResolvedOptions } from '#normalizers/method.ts';
import { compositionOf } from '#normalizers/composition/parts.ts';
import type { Dtype } from '#tensor/dtype.ts';
import type { GroupsCore, LeafPlan, PartPlan } from './part-plan.ts';

/** What the plain normalizers of a call learned, by their places. */
export type Fits = ReadonlyMap<number, Fit>;

/** The fitted document of a normalizer, and of each that it is made of. */
export function fittedOf(part: PartPlan, dtype: Dtype, fits: Fits): Fitted {
  const { core, normalizer, shape, scope, inputShape } = part;
  const input = { dtype, shape: inputShape };
  if (core.kind === 'leaf') return { ...leafFitted(core.leaf, shape, fits), normalizer, input };
  const parts = partsOf(part, fits);
  const options = withFittedParts(normalizer, parts);
  if (core.kind === 'groups') {
    const groups = groupsOf(core) ?? { keys: [], rows: new Float64Array(0) };
    return { normalizer: options, input, parameters: {}, keptShape: [], samplesSeen: 0, scope, parts, groups };
  }
  const whole: Fitted = { normalizer: options, input, parameters: {}, keptShape: [], samplesSeen: 0, scope, parts };
  return whole;
}

/** The groups of the fit, with the rows of each. */
function groupsOf({ index: { keys, index } }: GroupsCore): Groups | undefined {
  if (!keys) return undefined;
  const rows = new Float64Array(keys.length);
  for (const group of index) if (group < keys.length) rows[group]++;
  return { keys, rows };
}

function partsOf({ core }: PartPlan, fits: Fits): (Fitted | undefined)[] {
  if (core.kind === 'leaf') return [];
  return core.parts.map((part) => part && fittedOf(part, 'float64', fits));
}

/** The options with those of its parts, whose defaults depend on the data. */
function withFittedParts(normalizer: ResolvedOptions, parts: readonly (Fitted | undefined)[]): ResolvedOptions {
  const composition = compositionOf(normalizer);
  if (!composition) return normalizer;
  const given = composition.partsOf(normalizer);
  const resolved = given.map((part, at) => ({ ...part, normalizer: parts[at]?.normalizer ?? part.normalizer }));
  return composition.withParts(normalizer, resolved) as ResolvedOptions;
}

function leafFitted(leaf: LeafPlan, shape: readonly number[], fits: Fits) {
  const { method, layout, scope, fitted } = leaf;
  const fit = leaf.constants ?? fits.get(leaf.id);
  if (!fit && fitted) {
    const { parameters, keptShape, samplesSeen: seen, states, sketches, approximate } = fitted;
    return { parameters, keptShape, samplesSeen: seen, scope, states, sketches, approximate };
  }
  if (!fit) throw new Error(`${method.name} was not fitted.`);
  return {
    scope,
    keptShape: layout.keptShape,
    parameters: fit.parameters,
    samplesSeen: scope === 'dataset' ? samplesSeen(fit) : shape.length > 1 ? shape[0] : 1,
    ...(scope === 'dataset' && method.mergeable
      ? { states: fit.states, sketches: fit.sketches, approximate: fit.sketches && false }
      : {}),
  };
}
