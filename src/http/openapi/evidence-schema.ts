import * as z from 'zod';
import { Normalizer } from '#normalizers/normalizer.ts';

const real = z.union([z.number(), z.enum(['Infinity', '-Infinity'])]).nullable();

const score = { score: real, scores: z.array(real).meta({ description: 'One per fold.' }) };

const Probe = z
  .object({
    ...score,
    tested: z.int().meta({ description: 'Samples that were tested, over all folds.' }),
    p_value: z.number().optional().meta({
      description: 'The exact McNemar p against the best candidate under this probe; 1 for itself.',
    }),
    model: z.enum(['logistic_regression', 'ridge_classifier', 'ridge']).optional(),
    learning_rates: z
      .array(
        z.object({
          learning_rate: z.number(),
          ...score,
          curve: z.array(real).meta({ description: 'The mean training loss of each 20 steps, over the folds.' }),
          diverged_folds: z.int(),
        }),
      )
      .optional()
      .meta({ description: 'Of a network; its own score is that at the rate whose training loss ends lowest.' }),
  })
  .meta({ id: 'Probe', description: 'What a model makes of a candidate: the accuracy, or R².' });

/** What is known of the data as they are, or of what one normalizer makes of them. */
export const CandidateEvidence = z
  .object({
    scale_ratio: real.meta({ description: 'The largest scale of a column by the smallest, by their quartiles.' }),
    hessian: z
      .object({
        max_eigenvalue: real,
        min_eigenvalue: real,
        condition_number: real,
        max_learning_rate: real,
        rank: z.int(),
        dimension: z.int(),
      })
      .optional()
      .meta({
        description:
          'The spectrum of XᵀX / n with a column of ones. Steps above max_learning_rate = 2 / λmax diverge; steps grow with the condition number. Eigenvalues that are zero but for rounding do not count. Absent over 1,024 columns.',
      }),
    norms: z
      .object({ minmax: z.array(real), median: real, variation: real })
      .meta({ description: 'The L2 norms of the samples; variation is their deviation by their mean.' }),
    probes: z
      .object({
        nearest_neighbors: Probe.optional(),
        nearest_centroid: Probe.optional(),
        linear_model: Probe.optional(),
        linear_network: Probe.optional(),
        hidden_network: Probe.optional(),
      })
      .optional()
      .meta({ description: 'With labels: each model, fitted in each training fold and tested on the rest.' }),
  })
  .meta({ id: 'CandidateEvidence', description: 'What the data, and with labels the models, say of a candidate.' });

const Column = z
  .object({
    index: z.int(),
    name: z.string().optional(),
    minmax: z.array(real),
    mean: real,
    std: real,
    skewness: real,
    quartiles: z.array(real),
    outliers: z.number().meta({ description: 'The share of values over three quartile distances off the quartiles.' }),
    zeros: z.number().meta({ description: 'The share of zeros.' }),
    largest_z: real.meta({ description: 'The deviations of the value farthest from the mean.' }),
    sentinel: z
      .object({ value: z.number(), count: z.int() })
      .optional()
      .meta({ description: 'A repeated end value that is farther from all else than all else spans.' }),
  })
  .meta({ id: 'ColumnEvidence', description: 'What a column looks like.' });

/** What all candidates have in common. */
export const Evidence = z
  .object({
    samples: z.int().meta({ description: 'The samples that were looked at: up to 20,000, drawn with a fixed seed.' }),
    total_samples: z.int(),
    not_finite: z.int().meta({ description: 'Samples left out because they hold NaN or an infinity.' }),
    scale_ratio: real,
    columns: z.array(Column).optional().meta({ description: 'Absent over 1,024 columns.' }),
    labels: z
      .object({
        task: z.enum(['classification', 'regression']),
        classes: z
          .array(z.object({ label: z.union([z.string(), z.number(), z.boolean()]), count: z.int() }))
          .optional(),
        folds: z.int(),
        folds_given: z.boolean(),
        norms: z.object({ auc: z.array(real).optional(), strength: real, is_signal: z.boolean() }).meta({
          description: 'What the norms of the samples alone tell: the area under the ROC curve of each class.',
        }),
      })
      .optional(),
    probes: z.record(z.string(), z.record(z.string(), z.union([z.number(), z.string()]))).optional(),
    seconds: z.number(),
  })
  .meta({ id: 'Evidence', description: 'What the recommendation rests on, but for the candidates themselves.' });

const Advice = z
  .object({
    basis: z.enum(['labels', 'data', 'theory']),
    probe: z.string().optional().meta({ description: 'The model that decides.' }),
    choices: z
      .array(
        z.object({
          name: z.string(),
          place: z.int().nullable().meta({ description: 'In normalizers; null for the data as they are.' }),
          normalizer: Normalizer.optional(),
        }),
      )
      .meta({ description: 'What to use. Several do not differ, as far as these data tell.' }),
    no_difference: z.boolean(),
    significance: z.number().optional(),
    reasons: z.array(z.object({ code: z.string(), message: z.string() })),
  })
  .meta({ id: 'Advice', description: 'What a family of models is advised, and why.' });

/** What is advised. */
export const Recommendation = z
  .object({
    summary: z.array(z.string()).meta({ description: 'The answer in three sentences.' }),
    distance_based: Advice,
    gradient_descent: Advice,
    trees: Advice,
    dangers: z
      .array(z.object({ code: z.string(), normalizer: z.int(), columns: z.array(z.int()), message: z.string() }))
      .meta({ description: 'What a normalizer would do to these data that is seldom wanted.' }),
  })
  .meta({ id: 'Recommendation', description: 'Which normalization to use, for each family of models.' });
