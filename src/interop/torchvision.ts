import * as z from 'zod';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { importFitted } from './fitted-from.ts';

const constants = z.unknown().meta({ description: 'A number, or one number per channel.' });

/** The arguments of torchvision's `Normalize`. */
export const TorchvisionNormalize = z
  .strictObject({
    mean: constants,
    std: constants,
    inplace: z.boolean().optional().meta({ description: 'Not read.' }),
    data_format: z
      .enum(['channels_first', 'channels_last'])
      .default('channels_first')
      .meta({ description: 'Whether images are (N, C, H, W), as in torchvision, or (N, H, W, C).' }),
  })
  .meta({
    id: 'TorchvisionNormalize',
    description: 'The arguments of torchvision.transforms.Normalize.',
    examples: [{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }],
  });

/**
 * A fitted document from torchvision's Normalize: `(x − mean) / std` per channel of a batch of images of rank 4. NaN
 * and infinities go through.
 * @throws Problem with a pointer to the invalid member
 */
export function fittedFromTorchvision(
  document: z.output<typeof TorchvisionNormalize>,
  pointer = '/torchvision',
): Fitted {
  const [mean, std] = [document.mean, document.std].map(onlyOfOne);
  const [listed] = [mean, std].filter((value) => Array.isArray(value));
  const channels = listed?.length ?? 1;
  const first = document.data_format === 'channels_first';
  const axis = listed === undefined ? null : first ? [0, 2, 3] : [0, 1, 2];
  const shape = [0, 1, 2, 3].map((at) => (axis === null || axis.includes(at) ? null : channels));
  const spread = (value: unknown) =>
    listed === undefined || Array.isArray(value) ? value : new Array(channels).fill(value);
  return importFitted({
    method: methodOf({ method: 'affine' }),
    options: { axis, mean, std, nan_policy: 'propagate' },
    input: { dtype: 'float32', shape },
    parameters: { rescale: spread(1), mean: spread(mean), std: spread(std) },
    samplesSeen: 0,
    places: new Map([
      ['', pointer],
      ...['/normalizer', '/parameters'].flatMap((above): [string, string][] => [
        [`${above}/mean`, `${pointer}/mean`],
        [`${above}/std`, `${pointer}/std`],
      ]),
    ]),
  });
}

/** torchvision broadcasts a single constant to all channels. */
function onlyOfOne(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}
