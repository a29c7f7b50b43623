import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { fittedFromKeras, KerasNormalization } from '#interop/keras.ts';
import { fittedFromSklearn, SklearnEstimator } from '#interop/sklearn/import.ts';
import { fittedFromTorchvision, TorchvisionNormalize } from '#interop/torchvision.ts';
import { fittedFromJson } from '#formats/json/fitted/fitted-document.ts';
import { validate } from '#formats/validate.ts';
import type { Body } from '#formats/reader.ts';
import { fitted } from '#http/openapi/schemas.ts';

type Envelope = Body['envelope'];

/** Members of a request with a normalizer that is already fitted, here or by another library. */
export const importMembers = {
  fitted: fitted.optional(),
  sklearn: SklearnEstimator.optional(),
  keras: KerasNormalization.optional(),
  torchvision: TorchvisionNormalize.optional(),
};

const readers: Record<keyof typeof importMembers, (envelope: Envelope, read?: Fitted) => Fitted> = {
  fitted(envelope, read) {
    if (!read) return fittedFromJson(validate(z.strictObject({ fitted }), envelope).fitted);
    validate(z.strictObject({ fitted: z.null() }), envelope);
    return read;
  },
  sklearn: (envelope) => fittedFromSklearn(validate(z.strictObject({ sklearn: SklearnEstimator }), envelope).sklearn),
  keras: (envelope) => fittedFromKeras(validate(z.strictObject({ keras: KerasNormalization }), envelope).keras),
  torchvision: (envelope) =>
    fittedFromTorchvision(validate(z.strictObject({ torchvision: TorchvisionNormalize }), envelope).torchvision),
};

const names = Object.keys(readers) as (keyof typeof readers)[];

/** The member with a fitted normalizer, if any. */
export function importedMember(envelope: Envelope): keyof typeof readers | undefined {
  return names.find((name) => name in envelope);
}

/**
 * Reads the fitted normalizer of a request. A scikit-learn estimator, as the export returns it, may also be the whole
 * request.
 * @throws Problem invalid_request for none, for several, and for an invalid one
 */
export function readImported({ envelope, fitted: read }: Body): Fitted {
  if ('class' in envelope) return fittedFromSklearn(validate(SklearnEstimator, envelope), '');
  const name = importedMember(envelope);
  const other = ['normalizer', ...names].find((member) => member !== name && member in envelope);
  if (name && !other) return readers[name](envelope, read);
  const detail = `Give either normalizer and data, to fit and store, or one of ${names.join(', ')}, to store a fitted normalizer.`;
  throw problemAt('invalid_request', name ? `/${other}` : 'normalizer' in envelope ? '/data' : '', detail);
}
