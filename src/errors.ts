/** Every error a client can get: code → HTTP status and title. Documentation and tests read this table. */
export const problems = {
  invalid_json: { status: 400, title: 'The body is not JSON' },
  invalid_request: { status: 400, title: 'The request does not fit its schema' },
  invalid_data: { status: 400, title: 'The data are not an array of numbers' },
  broken_body: { status: 400, title: 'The body is broken or incomplete' },
  unauthenticated: { status: 401, title: 'A key is needed, and this is none' },
  forbidden: { status: 403, title: 'The key does not have this right' },
  not_found: { status: 404, title: 'There is no such resource' },
  method_not_allowed: { status: 405, title: 'The path does not have this method' },
  not_acceptable: { status: 406, title: 'No media type of Accept is served here' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 409, title: 'This conflicts with what is stored' },
  body_too_large: { status: 413, title: 'The body is over the limit' },
  unsupported_media_type: { status: 415, title: 'The media type or coding of the body is not read here' },
  ragged_rows: { status: 422, title: 'The rows differ in length' },
  rank_too_high: { status: 422, title: 'The array has more than 8 dimensions' },
  not_finite: { status: 422, title: 'The data hold NaN or an infinity' },
  not_exact: { status: 422, title: 'An integer does not fit a double exactly' },
  empty: { status: 422, title: 'There is nothing to compute from' },
  axis_out_of_range: { status: 422, title: 'The axis is out of range' },
  column_out_of_range: { status: 422, title: 'A column is out of range' },
  unknown_columns: { status: 422, title: 'The table has columns that are not known' },
  missing_columns: { status: 422, title: 'The table lacks columns' },
  duplicate_columns: { status: 422, title: 'Two columns have one name' },
  not_numeric: { status: 422, title: 'A column to normalize holds something else than numbers' },
  shape_mismatch: { status: 422, title: 'The shapes do not fit' },
  invalid_weights: { status: 422, title: 'The weights cannot be used' },
  constant_slices: { status: 422, title: 'A slice is constant' },
  not_mergeable: { status: 422, title: 'The documents do not merge' },
  not_exportable: { status: 422, title: 'The normalizer has no such form' },
  not_computable: { status: 422, title: 'This cannot be computed' },
  too_many_requests: { status: 429, title: 'The rate of requests is over the limit' },
  header_too_large: { status: 431, title: 'The header is too large' },
  internal: { status: 500, title: 'The service failed' },
  not_implemented: { status: 501, title: 'This is not served here' },
  deadline_exceeded: { status: 503, title: 'The request took longer than it may' },
  unavailable: { status: 503, title: 'The service cannot take the request now' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** A place in the request: a JSON pointer (RFC 6901) and what is wrong there. */
export interface Place {
  pointer: string;
  detail: string;
}

/** What a client is told. Thrown anywhere below `http/`, turned into `application/problem+json` there. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly Place[];

  constructor(code: ProblemCode, detail: string, errors: readonly Place[] = []) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.errors = errors;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

/** A problem at one place of the request: the pointer names it. */
export function problemAt(code: ProblemCode, pointer: string, detail: string): Problem {
  return new Problem(code, detail, [{ pointer, detail }]);
}

/** A problem as a client reads it, by RFC 9457; `instance` is the request's matter. */
export function problemMembers({ code, message, errors }: Pick<Problem, 'code' | 'message' | 'errors'>) {
  const { title, status } = problems[code];
  return {
    type: `urn:norma:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(errors.length > 0 ? { errors } : {}),
  };
}

/** Text of a client as a message quotes it: its beginning, where it is long. */
export function excerpt(text: string, maxLength = 80): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

/** Text of a client in quotes, its beginning where it is long. */
export function quote(text: string, maxLength?: number): string {
  return JSON.stringify(excerpt(text, maxLength));
}
