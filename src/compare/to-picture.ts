import { composedInWords } from './composed-in-words.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { withoutDefaults } from '#normalizers/without-defaults.ts';
import type { Distribution, Missing } from '#plots/distribution.ts';
import type { Picture } from '#plots/picture.ts';
import type { Axis } from '#tensor/axis.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { dataInWords, inputDistribution, toDistribution } from '#formats/svg/describe-picture.ts';
import type { ComparedNormalizer, Comparison, FailedNormalizer } from './comparison.ts';

/** A comparison as panels to draw, the input first. */
export function toPicture(comparison: Comparison): Picture {
  const { header, input } = comparison;
  return {
    title: 'The effect of each normalizer on these data',
    subtitle: dataInWords(header),
    panels: [inputDistribution(input.whole), ...changing(comparison).map((one) => toPanel(one, header))],
  };
}

/** The normalizers that change something: the data as they are appear as the input. */
export function changing({ normalizers, inputPlace }: Comparison): Comparison['normalizers'] {
  return normalizers.filter((_, place) => place !== inputPlace);
}

export function toPanel(one: ComparedNormalizer | FailedNormalizer, { shape }: TensorHeader): Distribution | Missing {
  const words = { title: one.normalizer.method, subtitle: optionsInWords(one.normalizer, shape.length) };
  if ('problem' in one) return { ...words, reason: one.problem.message };
  return toDistribution({ ...words, isInput: false }, one.output.whole);
}

/** The axis in words, and the options that differ from the defaults. */
function optionsInWords(normalizer: CommonOptions, rank: number): string {
  const composed = composedInWords(normalizer);
  if (composed !== undefined) return composed;
  const { method: _, axis: __, ...others } = withoutDefaults(normalizer);
  const options = Object.entries(others).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [axisInWords(normalizer.axis, rank), ...options].join(', ');
}

function axisInWords(axis: Axis, rank: number): string {
  if (axis === null) return 'over the whole array (axis null)';
  const named = `axis ${[axis].flat().join(', ')}`.replaceAll('-', '−');
  const reduced = new Set([axis].flat().map((one) => (one < 0 ? one + rank : one)));
  if (reduced.size === rank) return `over the whole array (${named})`;
  if (reduced.has(0)) return reduced.size === 1 ? `per feature (${named})` : `along ${named}`;
  return reduced.size === rank - 1 ? `per sample (${named})` : `along ${named}`;
}
