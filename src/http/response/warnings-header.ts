import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { NotedWarning } from '#telemetry/timeline.ts';

const name = 'norma-warnings';

/** Warnings as a header has them: `out_of_range;count=30, names_not_checked`. */
export function writeWarnings(warnings: readonly NotedWarning[]): string {
  return warnings.map(({ code, count }) => (count === undefined ? code : `${code};count=${count}`)).join(', ');
}

/** Tells the warnings of a finished call in a header, where the answer has no place for them. */
export function tellWarnings(reply: FastifyReply): void {
  const { warnings } = reply.request.timeline;
  if (warnings?.length) reply.header(name, writeWarnings(warnings));
}

/**
 * Tells the warnings of a call that still runs: in a header where they are known by now, otherwise in a trailer, which takes
 * chunked encoding. An answer of known length keeps its length, unless its client says that it reads trailers (`TE`).
 * @param length of the answer in bytes, where it is known
 */
export function tellWarningsOfStream(reply: FastifyReply, stream: Readable, length: number | undefined): void {
  const { timeline, headers, raw } = reply.request;
  const readsTrailers = /\btrailers\b/i.test(String(headers.te ?? ''));
  if (timeline.warnings || raw.httpVersion !== '1.1' || (length !== undefined && !readsTrailers)) {
    tellWarnings(reply);
    if (length !== undefined) reply.header('content-length', length);
    return;
  }
  reply.header('trailer', 'Norma-Warnings');
  stream.once('end', () => {
    if (timeline.warnings?.length) reply.raw.addTrailers({ [name]: writeWarnings(timeline.warnings) });
  });
}
