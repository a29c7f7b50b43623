import * as z from 'zod';

const figure = z.number().nullable();

const DriftedColumn = z.object({
  name: z.unknown().meta({ description: 'Its name, or its index; null where there is one slice alone.' }),
  drifted: z.boolean(),
  reasons: z.array(z.string()),
  p_value: figure.meta({ description: 'Corrected for the number of tests and, by Benjamini–Hochberg, of columns.' }),
  n: z.int().meta({ description: 'Values that are not NaN.' }),
  n_fitted: z.int(),
  psi: figure.meta({ description: 'Population stability index over the fitted deciles.' }),
  ks: figure.meta({ description: 'Largest difference of the distribution functions.' }),
  wasserstein: figure.meta({ description: 'In standard deviations of the fit.' }),
  mean_shift: figure.meta({ description: 'In standard deviations of the fit.' }),
  std_ratio: figure.meta({ description: 'Of the batch to the fit.' }),
  nan_share: figure,
  fitted_nan_share: figure,
  out_of_range_share: figure.meta({ description: 'Of the values, outside what was fitted.' }),
  p_values: z
    .object({ psi: figure, ks: figure, nan: figure, out_of_range: figure })
    .meta({ description: 'Of each test by itself, not corrected.' }),
  deciles: z.array(figure).meta({ description: 'The fitted ones that differ.' }),
  fitted_shares: z.array(z.number()),
  shares: z.array(z.number()).meta({ description: 'In the bins that end with the deciles.' }),
});

/** How what was transformed lately differs from what was fitted, as it is answered. */
export const DriftWindow = z
  .object({
    name: z.string(),
    version: z.int(),
    window_seconds: z.number(),
    drifted: z.boolean(),
    reasons: z.array(z.string()),
    alpha: z.number(),
    n_values: z.int().meta({ description: 'Values that were transformed, on all replicas.' }),
    n_counted: z.int().meta({ description: 'Of those, how many were looked at; of large batches a sample is.' }),
    columns: z.array(
      z.object({
        name: z.unknown().meta({ description: 'Its name, or its index; null where all columns are counted as one.' }),
        drifted: z.boolean(),
        n_values: z.int(),
        n_counted: z.int(),
        psi: figure,
        p_value: figure,
        fitted_shares: z.array(z.number()),
        shares: z.array(z.number()),
        nan_share: figure,
        fitted_nan_share: figure,
        out_of_range_share: figure,
      }),
    ),
  })
  .meta({ id: 'DriftWindow', description: 'How the values of a window of time fall into the fitted deciles.' });

/** How a batch differs from what was fitted, as it is answered. */
export const DriftDocument = z
  .object({
    name: z.string(),
    version: z.int(),
    drifted: z.boolean(),
    reasons: z.array(z.string()),
    alpha: z.number(),
    n_samples: z.int(),
    n_fitted: z.int(),
    columns: z.array(DriftedColumn),
  })
  .meta({ id: 'Drift', description: 'How a batch differs from the data that a normalizer was fitted on.' });
