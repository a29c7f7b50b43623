import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * A log of JSON lines on standard output. Of errors only name, message, code and stack are logged, because other
 * members may contain data, as those of database errors do.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, serializers: { err: toLine } };
  return destination ? pino(options, destination) : pino(options);
}

function toLine(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const { code } = error as NodeJS.ErrnoException;
  const cause = error.cause === undefined ? {} : { cause: toLine(error.cause) };
  return { type: name, message, ...(code === undefined ? {} : { code }), stack, ...cause };
}
