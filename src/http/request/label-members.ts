import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { GivenLabels } from '#compare/evidence/labels.ts';

/** Lists of one value per sample are checked in one pass: a schema of their items would report every bad one. */
const perSample = z
  .unknown()
  .refine((value) => Array.isArray(value) || value instanceof Float64Array, 'must be a list with one value per sample');

/** What a request says of its samples beside the data. */
export const labelMembers = {
  labels: perSample.optional().meta({
    type: 'array',
    items: { type: ['string', 'integer', 'number', 'boolean'] },
    description:
      'What each sample is, one per index of axis 0: text or whole numbers are classes. With them each normalizer is tried with k-nearest neighbors, nearest centroid, a linear model and networks trained by gradient descent, fold by fold, and the recommendation rests on that. In npz an array `labels`.',
  }),
  task: z.enum(['classification', 'regression']).optional().meta({
    description: 'Whether labels are classes, the default, or numbers to predict.',
  }),
  folds: perSample.optional().meta({
    type: 'array',
    items: { type: 'integer', minimum: 0 },
    description:
      'The fold that each sample is tested in. By default 5 folds that are the same for the same labels: those of sklearn.model_selection.StratifiedKFold without shuffling; for numbers, samples are dealt out in the order of their labels.',
  }),
};

interface LabelEnvelope {
  labels?: unknown;
  task?: GivenLabels['task'];
  folds?: unknown;
}

/**
 * The labels of checked members.
 * @throws Problem where task or folds come without labels
 */
export function givenLabels({ labels, task, folds }: LabelEnvelope): GivenLabels | undefined {
  if (labels !== undefined)
    return { labels: labels as GivenLabels['labels'], task, folds: folds as GivenLabels['folds'] };
  const alone = Object.entries({ task, folds }).find(([, value]) => value !== undefined);
  if (alone)
    throw problemAt(
      'invalid_request',
      `/${alone[0]}`,
      `${alone[0]} says how labels are used, and there are no labels.`,
    );
  return undefined;
}
