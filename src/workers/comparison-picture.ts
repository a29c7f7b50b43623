import type { CommonOptions } from '#normalizers/normalizer.ts';
import { methodOf } from '#normalizers/registry.ts';
import type { Distribution, Missing } from '#plots/distribution.ts';
import type { Picture } from '#plots/picture.ts';
import type { Axis } from '#tensor/axis.ts';
import { elements } from '#tensor/shape.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#wire/statistics.ts';
import type { Compared, Comparison, Refused } from './comparison.ts';

/** A comparison as what is drawn: the input first. */
export function toPicture({ header, input, normalizers }: Comparison): Picture {
  return {
    title: 'What each normalizer does to these data',
    subtitle: dataInWords(header),
    panels: [inputDistribution(input.whole), ...normalizers.map(toPanel)],
  };
}

/** The data of a call to describe as what is drawn. */
export function describedPicture(header: TensorHeader, content: StatisticsContent): Picture {
  return { title: 'Distribution of the data', subtitle: dataInWords(header), panels: [inputDistribution(content)] };
}

function inputDistribution(content: StatisticsContent): Distribution {
  return toDistribution({ title: 'input', subtitle: 'the data as they came', isInput: true }, content);
}

function toPanel(one: Compared | Refused): Distribution | Missing {
  const words = { title: one.normalizer.method, subtitle: optionsInWords(one.normalizer) };
  if ('problem' in one) return { ...words, reason: one.problem.message };
  return toDistribution({ ...words, isInput: false }, one.output.whole);
}

/** @param content of the whole array, so that every statistic is one number */
function toDistribution(
  words: Pick<Distribution, 'title' | 'subtitle' | 'isInput'>,
  { description, histogram }: StatisticsContent,
): Distribution {
  const values = Object.fromEntries(Object.entries(description).map(([name, [value]]) => [name, value]));
  return { ...words, values: values as Distribution['values'], histogram };
}

/** `60,000 × 28 × 28 values of uint8`. */
function dataInWords({ dtype, shape }: TensorHeader): string {
  const lengths = shape.map((length) => length.toLocaleString('en')).join(' × ') || '1';
  const total = shape.length > 1 ? ` = ${elements(shape).toLocaleString('en')}` : '';
  return `${lengths}${total} values of ${dtype}`;
}

/** What is normalized together, and the options that are not the default. */
function optionsInWords(normalizer: CommonOptions): string {
  const usual = methodOf(normalizer).schema.safeParse({ method: normalizer.method }).data;
  const others = Object.entries(normalizer).filter(
    ([name, value]) =>
      !['method', 'axis'].includes(name) &&
      value !== undefined &&
      JSON.stringify(value) !== JSON.stringify(usual?.[name as keyof CommonOptions]),
  );
  return [axisInWords(normalizer.axis), ...others.map(([name, value]) => `${name} ${JSON.stringify(value)}`)].join(
    ', ',
  );
}

function axisInWords(axis: Axis): string {
  if (axis === null) return 'over the whole array (axis null)';
  if (axis === 0) return 'per feature (axis 0)';
  return `along axis ${typeof axis === 'number' ? axis : axis.join(', ')}`.replaceAll('-', '−');
}
