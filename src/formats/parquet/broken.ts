import { Problem } from '#errors.ts';

export function brokenParquet(why: string): Problem {
  return new Problem('broken_body', `The Parquet file is broken: ${why}.`);
}

/** Runs what reads bytes that may lie; whatever it throws but a Problem is the client's fault. */
export function parsing<Result>(what: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Problem || !(error instanceof Error)) throw error;
    // A TypeError tells of the parser, and nothing of the file.
    const why = error instanceof TypeError ? '' : ` (${error.message})`;
    throw brokenParquet(`${what} cannot be read${why}`);
  }
}
