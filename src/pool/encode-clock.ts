let spent = 0;

/** Writes a piece of an answer; the time it takes counts as encoding, not as computing. */
export function timeEncoding<Result>(write: () => Result): Result {
  const from = performance.now();
  try {
    return write();
  } finally {
    spent += performance.now() - from;
  }
}

/** Milliseconds of encoding in this thread since this was asked last. */
export function takeEncodingTime(): number {
  const time = spent;
  spent = 0;
  return time;
}
