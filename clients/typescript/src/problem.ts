/** A problem document (RFC 9457), as far as it came. */
interface ProblemDocument {
  code?: string;
  title?: string;
  detail?: string;
  errors?: readonly { pointer: string; detail: string }[];
}

/** The service refused a call. */
export class NormaError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** What is wrong, for programs: `missing_columns`, `breaking_change`, … */
  readonly code: string;
  /** The first place in the request, as a JSON pointer, where one can be named. */
  readonly pointer: string | undefined;
  readonly problem: ProblemDocument;

  constructor(status: number, problem: ProblemDocument) {
    super(problem.detail ?? problem.title ?? `HTTP status ${status}`);
    this.name = 'NormaError';
    this.status = status;
    this.code = problem.code ?? `http_${status}`;
    this.pointer = problem.errors?.[0]?.pointer;
    this.problem = problem;
  }
}

/**
 * An answer below 400.
 * @throws NormaError for every other
 */
export async function checkAnswer(response: Response): Promise<Response> {
  if (response.ok) return response;
  const problem = await response.json().then(
    (document: unknown) => document,
    () => undefined,
  );
  throw new NormaError(response.status, (typeof problem === 'object' && problem) || {});
}
