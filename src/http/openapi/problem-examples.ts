import { Problem, problemAt, problemMembers } from '#errors.ts';
import { describeUnknown } from '#nearest-name.ts';

const optionsOfNorm = ['axis', 'order', 'epsilon', 'nan_policy', 'on_constant', 'columns', 'clip', 'fill'];

const unknownOption = describeUnknown('option', 'p', optionsOfNorm, ' of norm');

/** Example problems for the documentation; the tests send requests that produce them. */
export const clientProblems = {
  unknown_option: toExample(
    new Problem('invalid_request', `/normalizer/p: ${unknownOption}`, [
      { pointer: '/normalizer/p', detail: unknownOption },
    ]),
  ),
  ragged_rows: toExample(problemAt('ragged_rows', '/data/1', 'This row has length 1, the first one 2.')),
  not_finite: toExample(
    problemAt(
      'not_finite',
      '/data/0/1',
      "The value at index [0, 1] is NaN, which nan_policy 'raise' rejects: 'omit' ignores NaN, 'propagate' lets it through.",
    ),
  ),
};

export const serverProblems = {
  unavailable: toExample(new Problem('unavailable', 'The service is starting or shutting down.')),
};

function toExample(problem: Problem) {
  return { value: { ...problemMembers(problem), instance: 'urn:norma:request:4f1c9a' } };
}
