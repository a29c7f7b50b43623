import { createHash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import { isWholeBody, type WholeBody } from '#formats/stream/whole-body.ts';
import type { Answer, Answers, CreateResult, IdempotencyRecord } from '#store/idempotent-answers.ts';

/** Maximum characters of a key. */
const maxKeyLength = 255;

/** A request that has been read and checked, and what remains to be done. */
export interface PreparedCreate<Made> {
  /** Creates the resource, and stores the response if there is a key. */
  create(once?: IdempotencyRecord<Made>): Promise<CreateResult<Made>>;
  answer(made: Made): Answer;
}

/**
 * The handler of a call that creates a resource. With an `Idempotency-Key`
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/) a request runs once, and retries get the same
 * response; a different request with that key is a conflict.
 * @param lifetime seconds that a response is kept
 * @param prepare reads the request and does the work, except for storing the result
 */
export function createIdempotently<Made>(
  answers: Answers,
  lifetime: number,
  prepare: (request: FastifyRequest) => Promise<PreparedCreate<Made>>,
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const key = keyOf(request);
    if (key === undefined) {
      const { create, answer } = await prepare(request);
      const created = await create();
      return send(reply, 'made' in created ? answer(created.made) : created.kept);
    }
    const digestOfRequest = digesting(request);
    const earlier = await answers.find(key);
    if (earlier) return repeat(reply, earlier, await digestOfRequest());
    const { create, answer } = await prepare(request);
    const digest = await digestOfRequest();
    const created = await create({ key, digest, ttlSeconds: lifetime, answer });
    return 'made' in created ? send(reply, answer(created.made)) : repeat(reply, created.kept, digest);
  };
}

/** The key, with or without the quotes of the draft, separate for each caller. */
function keyOf({ headers, caller }: FastifyRequest): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  const key = String(given).replace(/^"(.*)"$/, '$1');
  if (key.length > 0 && key.length <= maxKeyLength) return JSON.stringify([caller?.name ?? null, key]);
  throw new Problem('invalid_request', `An Idempotency-Key must have 1 to ${maxKeyLength} characters.`);
}

/**
 * Computes a digest of the request while its body is read.
 * @returns a function that reads the rest of the body, and returns the digest of the whole request
 */
function digesting(request: FastifyRequest): () => Promise<string> {
  const { method, url, headers } = request;
  const hash = createHash('sha256').update(JSON.stringify([method, url, headers['content-type']]));
  const body = request.body as Readable | WholeBody | undefined;
  if (body && isWholeBody(body)) {
    hash.update(body.whole);
    return () => Promise.resolve(hash.digest('base64url'));
  }
  const passed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  if (body) {
    body.on('error', (error) => passed.destroy(error));
    request.body = body.pipe(passed);
  } else passed.end();
  return async () => {
    passed.resume();
    await finished(passed);
    return hash.digest('base64url');
  };
}

function repeat(reply: FastifyReply, kept: Answer & { digest: string }, digest: string): FastifyReply {
  if (kept.digest === digest) return send(reply.header('idempotency-replayed', 'true'), kept);
  throw new Problem('conflict', 'This Idempotency-Key was used for a different request; use a new key.');
}

function send(reply: FastifyReply, { status, location, body }: Answer): FastifyReply {
  if (location) reply.header('location', location);
  return reply
    .code(status)
    .type('application/json')
    .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}
