// Requests for the documentation that succeed as they are.

const data = [
  [3, 5],
  [6, 10],
];

export const normalizeExample = { normalizer: { method: 'norm', axis: -1, order: 2 }, data };

export const fitExample = { normalizer: { method: 'zscore', axis: 0 }, data };

const normalizer = { method: 'minmax', axis: 0, feature_range: [0, 1] };

/** The answer of /v1/fit for (3, 5), (6, 10). */
const fitted = {
  normalizer,
  input: { dtype: 'float64', shape: [null, 2] },
  parameters: { data_min: [3, 5], data_max: [6, 10], data_range: [3, 5], scale: [1 / 3, 0.2], min: [-1, -1] },
  n_samples_seen: 2,
  scope: 'dataset',
  invertible: true,
  mergeable: true,
  state: {
    version: 1,
    extent:
      'AAAAAAAAAEAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACEAAAAAAAAAUQAAAAAAAABhAAAAAAAAAJEA=',
  },
};

/** The same for (7, 7) alone. */
const another = {
  ...fitted,
  parameters: { data_min: [7, 7], data_max: [7, 7], data_range: [0, 0], scale: [1, 1], min: [-7, -7] },
  n_samples_seen: 1,
  state: {
    version: 1,
    extent:
      'AAAAAAAA8D8AAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAHEAAAAAAAAAcQAAAAAAAABxAAAAAAAAAHEA=',
  },
};

export const transformExample = { fitted, data: [[3, 7.5]] };

export const mergeExample = { fitted: [fitted, another] };
