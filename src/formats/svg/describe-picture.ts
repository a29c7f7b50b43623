import type { Distribution } from '#plots/distribution.ts';
import type { Picture } from '#plots/picture.ts';
import { elementCount } from '#tensor/shape.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';

/** The picture of `/v1/describe`. */
export function describedPicture(header: TensorHeader, content: StatisticsContent): Picture {
  return { title: 'Distribution of the data', subtitle: dataInWords(header), panels: [inputDistribution(content)] };
}

export function inputDistribution(content: StatisticsContent): Distribution {
  return toDistribution({ title: 'input', subtitle: 'the data as sent', isInput: true }, content);
}

/** @param content statistics of the whole array, so that each is one number */
export function toDistribution(
  words: Pick<Distribution, 'title' | 'subtitle' | 'isInput'>,
  { description, histogram }: StatisticsContent,
): Distribution {
  const values = Object.fromEntries(Object.entries(description).map(([name, [value]]) => [name, value]));
  return { ...words, values: values as Distribution['values'], histogram };
}

/** `60,000 × 28 × 28 values of uint8`. */
export function dataInWords({ dtype, shape }: TensorHeader): string {
  const lengths = shape.map((length) => length.toLocaleString('en')).join(' × ') || '1';
  const total = shape.length > 1 ? ` = ${elementCount(shape).toLocaleString('en')}` : '';
  return `${lengths}${total} values of ${dtype}`;
}
