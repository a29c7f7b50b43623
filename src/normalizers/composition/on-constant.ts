import type { Fitted } from '../fitted-normalizer.ts';
import type { CommonOptions, ResolvedOptions } from '../method.ts';
import { compositionOf, isShorthand, mapLeaves } from './parts.ts';

/** The same normalizer for part of the data, where a slice may be constant that is not in all of them. */
export function allowConstants<Options extends CommonOptions>(normalizer: Options): Options {
  return mapLeaves(normalizer, (leaf) => ({ ...leaf, on_constant: 'one' }));
}

/** What was fitted, with `on_constant` as another normalizer of the same parts has it. */
export function withOnConstant(fitted: Fitted, like: CommonOptions): Fitted {
  const { normalizer, parts } = fitted;
  const composition = compositionOf(normalizer);
  if (!composition || !parts) return { ...fitted, normalizer: { ...normalizer, on_constant: like.on_constant } };
  if (compositionOf(like) !== composition) return fitted;
  const asked = composition.partsOf(like);
  const changed = parts.map((part, at) => {
    // Of groups, there are the parameters of each and those of all together.
    const wanted = asked[Math.min(at, asked.length - 1)]?.normalizer;
    return part && wanted !== undefined && !isShorthand(wanted) ? withOnConstant(part, wanted) : part;
  });
  const given = composition.partsOf(normalizer);
  const options = composition.withParts(
    normalizer,
    given.map((part, at) => ({ ...part, normalizer: changed[at]?.normalizer ?? part.normalizer })),
  ) as ResolvedOptions;
  return { ...fitted, normalizer: options, parts: changed };
}
