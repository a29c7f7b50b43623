import { Problem, problemAt, problemMembers } from '#errors.ts';

/** Problems as they are told, for the documentation; the tests send requests that get them. */
export const clientProblems = {
  unknown_option: told(
    new Problem('invalid_request', '/normalizer/p: There is no member "p" here.', [
      { pointer: '/normalizer/p', detail: 'There is no member "p" here.' },
    ]),
  ),
  ragged_rows: told(problemAt('ragged_rows', '/data/1', 'This row has the length 1, the first one 2.')),
  not_finite: told(
    problemAt(
      'not_finite',
      '/data/0/1',
      "The value at index [0, 1] is NaN. NaN under nan_policy 'raise': 'omit' leaves NaN out, 'propagate' lets it through.",
    ),
  ),
};

export const serverProblems = {
  unavailable: told(new Problem('unavailable', 'The service is starting or stopping.')),
};

function told(problem: Problem) {
  return { value: { ...problemMembers(problem), instance: 'urn:norma:request:4f1c9a' } };
}
