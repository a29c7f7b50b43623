import type { CommonOptions, Parameters } from './method.ts';
import { methodOf } from './normalizer.ts';
import type { Step } from './steps.ts';

/** The whole formula of a normalizer's transform: that of its method, then the options `clip` and `fill`. */
export function transformSteps(normalizer: CommonOptions, parameters: Parameters): Step[] {
  return [...methodOf(normalizer).transform(normalizer, parameters), ...outputSteps(normalizer)];
}

/** The formula that takes the transform back. */
export function inverseSteps(normalizer: CommonOptions, parameters: Parameters): Step[] {
  return methodOf(normalizer).inverse(normalizer, parameters);
}

/** What `clip` and `fill` do to the output of any method. */
export function outputSteps(normalizer: CommonOptions): Step[] {
  const steps: Step[] = [];
  const [low, high] = limitsOf(normalizer);
  if (low !== -Infinity) steps.push({ op: 'maximum', by: low });
  if (high !== Infinity) steps.push({ op: 'minimum', by: high });
  if (normalizer.fill !== undefined) steps.push({ op: 'fill', with: normalizer.fill });
  return steps;
}

function limitsOf(normalizer: CommonOptions): readonly [low: number, high: number] {
  const { clip } = normalizer;
  if (clip === true) return methodOf(normalizer).outputRange?.(normalizer) ?? [-Infinity, Infinity];
  if (!clip) return [-Infinity, Infinity];
  return [clip[0] ?? -Infinity, clip[1] ?? Infinity];
}
