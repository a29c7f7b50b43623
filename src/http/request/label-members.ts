import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { BoundCall } from './bind-data.ts';
import type { GivenLabels } from '#compare/evidence/labels.ts';

/** Lists of one value per sample are checked in one pass: a schema of their items would report every bad one. */
const perSample = z
  .unknown()
  .refine(
    (value) => Array.isArray(value) || value instanceof Float64Array || typeof value === 'string',
    'must be a list with one value per sample, or the name of a column of the table',
  );

/** What a request says of its samples beside the data. */
export const labelMembers = {
  labels: perSample.optional().meta({
    anyOf: [{ type: 'array', items: { type: ['string', 'integer', 'number', 'boolean'] } }, { type: 'string' }],
    description:
      'What each sample is, one per index of axis 0: text or whole numbers are classes. With them each normalizer is tried with k-nearest neighbors, nearest centroid, a linear model and networks trained by gradient descent, fold by fold, and the recommendation rests on that. In npz an array `labels`; of a table also the name of the column that holds them, which is no feature then.',
  }),
  task: z.enum(['classification', 'regression']).optional().meta({
    description: 'Whether labels are classes, the default, or numbers to predict.',
  }),
  folds: perSample.optional().meta({
    anyOf: [{ type: 'array', items: { type: 'integer', minimum: 0 } }, { type: 'string' }],
    description:
      'The fold that each sample is tested in, or the name of the column of a table that holds it. By default 5 folds that are the same for the same labels: those of sklearn.model_selection.StratifiedKFold without shuffling; for numbers, samples are dealt out in the order of their labels.',
  }),
};

interface LabelEnvelope {
  labels?: unknown;
  task?: GivenLabels['task'];
  folds?: unknown;
}

/**
 * The labels of checked members.
 * @param columns what the columns hold that labels and folds name
 * @throws Problem where task or folds come without labels
 */
export function givenLabels(
  { labels, task, folds }: LabelEnvelope,
  columns: Pick<BoundCall, 'labels' | 'folds'>,
): GivenLabels | undefined {
  if (labels !== undefined) {
    return {
      labels: columns.labels ?? (labels as GivenLabels['labels']),
      task,
      folds: columns.folds ?? (folds as GivenLabels['folds']),
    };
  }
  const alone = Object.entries({ task, folds }).find(([, value]) => value !== undefined);
  if (alone)
    throw problemAt(
      'invalid_request',
      `/${alone[0]}`,
      `${alone[0]} says how labels are used, and there are no labels.`,
    );
  return undefined;
}
