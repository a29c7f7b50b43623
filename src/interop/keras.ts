import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { maxRank, formatShape } from '#tensor/shape.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { nestedList } from '#formats/json/format-tensor.ts';
import { decodeJsonTensor } from '#formats/json/parse-tensor.ts';
import { importFitted } from './fitted-from.ts';

/** Minimum standard deviation: keras.config.epsilon(). */
const epsilon = 1e-7;

const axis = z
  .int()
  .min(-maxRank)
  .max(maxRank - 1);

/** Maximum slices for a single number. */
const maxSlices = 1_000_000;

/** Keras' `Normalization` layer: its mean and variance, and its constructor arguments. */
export const KerasNormalization = z
  .strictObject({
    mean: z
      .unknown()
      .meta({ description: 'A number, or nested lists in the shape of the kept axes; layer.mean works as it is.' }),
    variance: z.unknown().meta({ description: 'Same shape as mean.' }),
    axis: z
      .union([axis, z.array(axis).max(maxRank), z.null()])
      .default(-1)
      .meta({ description: 'The axis or axes with a separate mean per index, as in keras; null for a single mean.' }),
    input_shape: z.array(z.int().min(1).nullable()).min(1).max(maxRank).optional().meta({
      description:
        'The shape of a batch, null where a length may vary. Default: a matrix with as many features as mean.',
    }),
    invert: z.literal(false).optional().meta({ description: 'Use inverse-transform for the inverse.' }),
    name: z.unknown().optional(),
    trainable: z.unknown().optional(),
    dtype: z.unknown().optional(),
  })
  .meta({
    id: 'KerasNormalization',
    description: 'A keras.layers.Normalization layer, adapted or constructed with its statistics.',
    examples: [{ mean: [3, 50], variance: [4, 600], axis: -1 }],
  });

/**
 * A fitted document from keras' Normalization: `(x − mean) / max(√variance, 1e-7)`, so that a constant feature is
 * divided by 1e-7, as there. NaN and infinities go through.
 * @throws Problem with a pointer to the invalid member
 */
export function fittedFromKeras(document: z.output<typeof KerasNormalization>, pointer = '/keras'): Fitted {
  const { axis: keptAxis, input_shape: given } = document;
  const mean = decodeNumbers(document.mean, `${pointer}/mean`);
  const variance = decodeNumbers(document.variance, `${pointer}/variance`);
  if (formatShape(mean.shape) !== formatShape(variance.shape)) {
    const detail = `The variance has shape ${formatShape(variance.shape)}, but the mean has shape ${formatShape(mean.shape)}.`;
    throw problemAt('invalid_request', `${pointer}/variance`, detail);
  }
  const input = given ?? [null, keptAxis === null ? null : (mean.shape.at(-1) ?? null)];
  const isKept = reducedAxes(keptAxis ?? [], input.length, `${pointer}/axis`);
  const kept = keptLengths(input, isKept, given ? `${pointer}/input_shape` : `${pointer}/axis`);
  const variances = spread(variance, kept, isKept, `${pointer}/variance`);
  const negative = variances.findIndex((value) => value < 0);
  if (negative >= 0)
    throw problemAt(
      'invalid_request',
      `${pointer}/variance`,
      `A variance must not be negative; got ${variances[negative]}.`,
    );
  const scale = variances.map((value) => Math.max(Math.sqrt(value), epsilon));
  const reduced = isKept.flatMap((keeps, at) => (keeps ? [] : [at]));
  const list = (values: Float64Array) => nestedList(values, kept);
  return importFitted({
    method: methodOf({ method: 'zscore' }),
    options: { axis: reduced.length === 1 ? reduced[0] : reduced, nan_policy: 'propagate' },
    input: { dtype: 'float32', shape: input.map((length, at) => (isKept[at] ? length : null)) },
    parameters: {
      mean: list(spread(mean, kept, isKept, `${pointer}/mean`)),
      var: list(variances),
      scale: list(scale),
    },
    samplesSeen: 0,
    places: new Map([
      ['', pointer],
      ['/parameters/mean', `${pointer}/mean`],
      ['/parameters/var', `${pointer}/variance`],
    ]),
  });
}

/** A number or nested lists of them. */
function decodeNumbers(value: unknown, pointer: string): Tensor {
  const { tensor, form } = decodeJsonTensor(value, pointer);
  if (form === 'nested') return tensor;
  throw problemAt('invalid_request', pointer, 'Expected a number or nested lists of numbers.');
}

/** The lengths of the kept axes. */
function keptLengths(input: readonly (number | null)[], isKept: readonly boolean[], pointer: string): number[] {
  if (isKept[0])
    throw problemAt(
      'invalid_request',
      pointer,
      'Axis 0 is the sample axis and has no fixed length, so it cannot be kept.',
    );
  const kept = input.filter((_, at) => isKept[at]);
  if (kept.includes(null))
    throw problemAt('invalid_request', pointer, 'A kept axis needs a fixed length; give it in input_shape.');
  return kept as number[];
}

/** Broadcasts to one value per slice, from a single value, one per slice, or lists with length 1 along other axes. */
function spread({ shape, buffer }: Tensor, kept: number[], isKept: boolean[], pointer: string): Float64Array {
  const values = new Float64Array(buffer);
  const slices = kept.reduce((product, length) => product * length, 1);
  if (shape.length === 0 && slices <= maxSlices) return new Float64Array(slices).fill(values[0]);
  const whole = shape.length === isKept.length && shape.every((length, at) => isKept[at] || length === 1);
  const own = whole ? shape.filter((_, at) => isKept[at]) : shape;
  if (formatShape(own) === formatShape(kept)) return values;
  throw problemAt('invalid_request', pointer, `Expected shape ${formatShape(kept)}, got ${formatShape(shape)}.`);
}
