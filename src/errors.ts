/** Every error a client can get, by code. The documentation and the tests read this table. */
export const problems = {
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'Invalid request' },
  invalid_data: { status: 400, title: 'The data are not a numeric array' },
  broken_body: { status: 400, title: 'The body is malformed or incomplete' },
  unauthenticated: { status: 401, title: 'Missing or invalid API key' },
  forbidden: { status: 403, title: 'Permission denied' },
  not_found: { status: 404, title: 'Resource not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  not_acceptable: { status: 406, title: 'No supported media type in Accept' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 409, title: 'Conflict with the stored state' },
  breaking_change: { status: 409, title: 'The new version does not take the same data as the previous one' },
  version_in_use: { status: 409, title: 'An alias names this version' },
  no_profile: { status: 409, title: 'The version has no profile of the data it was fitted on' },
  quota_exceeded: { status: 409, title: 'The quota of what may be stored is used up' },
  precondition_failed: { status: 412, title: 'The version is not the expected one' },
  body_too_large: { status: 413, title: 'Body too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type or content coding' },
  ragged_rows: { status: 422, title: 'Rows differ in length' },
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
  unseen_groups: { status: 422, title: 'Rows belong to groups that the fit did not see' },
  invalid_groups: { status: 422, title: 'The groups cannot be used' },
  invalid_weights: { status: 422, title: 'The weights cannot be used' },
  constant_slices: { status: 422, title: 'A slice is constant' },
  not_mergeable: { status: 422, title: 'The documents cannot be merged' },
  not_exportable: { status: 422, title: 'Export format not available for this normalizer' },
  not_computable: { status: 422, title: 'The result cannot be computed' },
  expectation_failed: { status: 417, title: 'Unsupported Expect header' },
  too_many_requests: { status: 429, title: 'Rate limit exceeded' },
  header_too_large: { status: 431, title: 'Request header too large' },
  internal: { status: 500, title: 'Internal server error' },
  not_implemented: { status: 501, title: 'Not implemented' },
  deadline_exceeded: { status: 503, title: 'The request took too long to process' },
  unavailable: { status: 503, title: 'Service temporarily unavailable' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** Why requests are refused that may be right: what clients, or the load, must change before they are not. */
export const refusalReasons = [
  ...(['key', 'right', 'rate', 'quota', 'size', 'timeout'] as const),
  ...(['queue', 'delay', 'retry', 'connections', 'memory', 'stopping'] as const),
  ...(['store_away', 'store_full', 'store_read_only', 'unavailable'] as const),
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

const reasonsByCode: Partial<Record<ProblemCode, RefusalReason>> = {
  unauthenticated: 'key',
  forbidden: 'right',
  too_many_requests: 'rate',
  quota_exceeded: 'quota',
  body_too_large: 'size',
  request_timeout: 'timeout',
  deadline_exceeded: 'timeout',
  unavailable: 'unavailable',
};

/** The reason to count a problem under; undefined for one that tells of the request itself. */
export function refusalReasonOf({ code, reason }: Pick<Problem, 'code' | 'reason'>): RefusalReason | undefined {
  return reason ?? reasonsByCode[code];
}

/** A problem that says service unavailable, with the reason for the metrics. */
export function unavailable(detail: string, reason: RefusalReason): Problem {
  return Object.assign(new Problem('unavailable', detail), { reason });
}

/** A place in the request as a JSON pointer (RFC 6901), and what is wrong there. */
export interface Place {
  pointer: string;
  detail: string;
}

/** An error meant for the client. Thrown anywhere below `http/`, which sends it as `application/problem+json`. */
export class Problem extends Error {
  readonly code: ProblemCode;
  /** Why a request that is right is refused now, for the metrics. */
  reason?: RefusalReason;
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

/** A problem at one place of the request, given as a JSON pointer. */
export function problemAt(code: ProblemCode, pointer: string, detail: string): Problem {
  return new Problem(code, detail, [{ pointer, detail }]);
}

/** The members of an RFC 9457 problem document; the request adds `instance`. */
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
