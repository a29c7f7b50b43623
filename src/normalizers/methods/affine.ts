import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { Axis } from '#tensor/axis.ts';
import type { Method } from '#normalizers/method.ts';
import { axisOption, commonOptions, listOption } from '#normalizers/common-options.ts';

/** One constant, or one per slice along the last axis. */
const constant = z.union([z.number(), listOption('One number per slice.', 'number')]);

/** Constants of well-known image models, for pixels from 0 to 255. */
const presets = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  inception: { mean: 0.5, std: 0.5 },
  clip: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
  'unit-pixel': { mean: 0, std: 1 },
} as const;

const schema = z
  .strictObject({
    method: z.literal('affine'),
    axis: axisOption(null)
      .unwrap()
      .optional()
      .meta({ description: 'Default: all axes except the last, along which mean and std run.' }),
    rescale: z
      .number()
      .refine((value) => value !== 0, 'must not be 0')
      .optional()
      .meta({ description: 'Factor applied first. Default: 1, or 1/255 with a preset.' }),
    mean: constant
      .optional()
      .meta({ description: 'Subtracted from the data: one number, or one per slice. Default 0.' }),
    std: constant
      .refine((value) => [value].flat().every((one) => one !== 0), 'must not be 0')
      .optional()
      .meta({ description: 'Divides the data: one number, or one per slice. Default 1.' }),
    preset: z
      .enum(Object.keys(presets) as (keyof typeof presets)[])
      .optional()
      .meta({
        description: 'Constants of a well-known image model, for pixels from 0 to 255. Replaces mean and std.',
      }),
    ...commonOptions,
  })
  .refine(({ preset, mean, std }) => !preset || (mean === undefined && std === undefined), {
    path: ['preset'],
    message: 'a preset includes mean and std: give either preset or mean and std',
  })
  .meta({
    id: 'Affine',
    title: 'affine',
    description: 'Applies known constants; learns nothing from the data.',
  });

type Options = z.output<typeof schema> & { axis: Axis };

/** Known constants: `(x · rescale − mean) / std`, as torchvision's Normalize after ToTensor and keras' Rescaling. */
const affine: Method<Options> = {
  name: 'affine',
  schema: schema as never,
  about: {
    title: 'Known constants',
    formula: 'y = (x · rescale − mean) / std',
    keeps: [
      'the order of the values within a slice (std > 0)',
      'the shape of the distribution',
      'the input range that a pretrained model expects',
    ],
    loses: ['nothing that the constants cannot restore', 'the origin, unless mean is 0'],
    outliers: 'Outliers have no influence: nothing is learned from the data.',
    when: 'A pretrained model specifies its constants, or the range of the data is known, as with pixels.',
    sources: [
      'torchvision.transforms.Normalize',
      'keras.layers.Rescaling',
      'OpenAI CLIP',
      'ImageNet statistics of torchvision',
    ],
  },
  parameters: { rescale: 'slices', mean: 'slices', std: 'slices' },
  invertible: true,
  mergeable: false,
  weighted: false,
  perSample: false,
  outlierSensitive: false,
  resolveDefaults(options, shape) {
    const { mean, std } = constantsOf(options);
    const length = [mean, std].find(Array.isArray)?.length;
    if (length !== undefined && options.axis === undefined) checkLastAxis(length, shape);
    const others = length !== undefined ? shape.slice(0, -1).map((_, at) => at) : null;
    return { ...options, axis: options.axis === undefined ? others : options.axis };
  },
  expectedRange(options) {
    const { rescale } = constantsOf(options);
    return Math.abs(rescale * 255 - 1) < 1e-3 ? [0, 255] : undefined;
  },
  shapeWarnings(options, shape) {
    const length = [options.mean, options.std].find(Array.isArray)?.length ?? channelsOf(options);
    const last = shape.length - 1;
    if (length === undefined || !isLastKept(options.axis, last)) return [];
    const others = axesOfLength(length, shape).filter((axis) => axis > 0);
    if (others.length === 0 || shape[last] !== length || shape.length < 3) return [];
    const message = `Two axes have length ${length}: the constants run along the last one. If the channels are on axis ${others[0]} (NCHW), send axis=${JSON.stringify(allBut(others[0], shape.length))}.`;
    return [{ code: 'ambiguous_axis', message }];
  },
  reductions: () => [],
  learn(options, _, slices) {
    const { rescale, mean, std } = constantsOf(options);
    const parameters = {
      rescale: spread(rescale, slices, 'rescale'),
      mean: spread(mean, slices, 'mean'),
      std: spread(std, slices, 'std'),
    };
    return { parameters, constant: [] };
  },
  transform: (_, { rescale, mean, std }) => [
    { op: 'multiply', by: rescale },
    { op: 'subtract', by: mean },
    { op: 'divide', by: std },
  ],
  inverse: (_, { rescale, mean, std }) => [
    { op: 'multiply', by: std },
    { op: 'add', by: mean },
    { op: 'divide', by: rescale },
  ],
};

export { affine as method };

/** The length of a preset's constants, where it has one per channel. */
function channelsOf(options: Options): number | undefined {
  const { mean } = constantsOf(options);
  return typeof mean === 'number' ? undefined : mean.length;
}

/** Whether statistics run along the last axis alone. */
function isLastKept(axis: Axis, last: number): boolean {
  return Array.isArray(axis) && axis.length === last && !axis.some((one) => one === last || one === -1);
}

/** The axes before the last that have a length. */
function axesOfLength(length: number, shape: readonly unknown[]): number[] {
  return shape.slice(0, -1).flatMap((one, axis) => (one === length ? [axis] : []));
}

function allBut(axis: number, rank: number): number[] {
  return Array.from({ length: rank }, (_, at) => at).filter((at) => at !== axis);
}

/** @throws Problem shape_mismatch where the constants do not fit the last axis, with the axis that they would fit */
function checkLastAxis(length: number, shape: readonly unknown[]): void {
  const last = shape.at(-1);
  if (shape.length === 0 || last === length || typeof last !== 'number') return;
  const [axis] = axesOfLength(length, shape).filter((one) => one > 0);
  const hint =
    axis === undefined
      ? `Give one number, or ${last}.`
      : `Axis ${axis} has length ${length}: for channels there (NCHW) send axis=${JSON.stringify(allBut(axis, shape.length))}.`;
  throw problemAt(
    'shape_mismatch',
    '/normalizer/axis',
    `${length} values do not fit the last axis, which has ${last} slices. ${hint}`,
  );
}

function constantsOf({ preset, rescale, mean, std }: Options) {
  const given = preset ? presets[preset] : { mean: mean ?? 0, std: std ?? 1 };
  return { rescale: rescale ?? (preset ? 1 / 255 : 1), mean: given.mean, std: given.std };
}

function spread(value: number | readonly number[], slices: number, name: string): Float64Array<ArrayBuffer> {
  if (typeof value === 'number') return new Float64Array(slices).fill(value);
  if (value.length === slices) return Float64Array.from(value);
  throw problemAt('shape_mismatch', `/normalizer/${name}`, `There are ${value.length} values for ${slices} slices.`);
}
