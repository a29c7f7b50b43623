import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { Problem, problemAt } from '#errors.ts';
import type { CreateResult, IdempotencyRecord } from '#store/idempotent-answers.ts';
import type { PartialFit } from '#store/fits.ts';
import type { StoreContext } from '#http/context.ts';
import { validate } from '#formats/validate.ts';
import { type Expected, checkExpected, readExpected } from './expected-parts.ts';
import { fitParams, parseFitId, fitNotFound } from './params.ts';
import { createIdempotently } from '#http/response/idempotency.ts';
import { mergeParts } from './merge-parts.ts';
import { chooseFormat } from '#http/headers/accept.ts';
import { comparePartNames } from './part-order.ts';
import { readRequest } from '#http/request/read-call.ts';
import { failures, fitted } from '#http/openapi/schemas.ts';
import { jsonWithFitted } from '#http/response/fitted-json.ts';
import { checkName, Name } from '#http/routes/normalizers/params.ts';
import { locationOf } from '#http/routes/normalizers/normalizers.ts';

/** Maximum retries of a commit because a part arrived while it merged. */
const maxTries = 10;

const CommitRequest = z.strictObject({ name: z.string().optional() });

const documented = z.object({
  name: Name.optional().meta({ description: 'Also store the normalizer under this name.' }),
  expected_parts: z
    .union([z.int().min(1), z.array(z.union([z.string(), z.int()]))])
    .optional()
    .meta({ description: 'The expected number of parts, or their names. Missing or additional parts are a 409.' }),
});

const answer = z.object({
  id: z.string(),
  committed_at: z.string(),
  n_parts: z.int(),
  name: z.string().optional(),
  version: z.int().optional(),
  fitted,
});

interface Committed {
  fit: PartialFit;
  parts: number;
  document: Uint8Array;
}

/** Commits a distributed fit. */
export function addCommitRoute(app: FastifyInstance, resources: StoreContext): void {
  const { store, pool, answerLifetime, fitLifetime } = resources;
  const { fits } = store;

  async function prepare(request: FastifyRequest) {
    const id = parseFitId(request.params);
    chooseFormat(request, ['json']);
    const body = await readRequest(request, resources, true);
    if (body.input || body.table)
      throw problemAt('invalid_request', '/data', 'A commit takes no data; send them as parts before it.');
    const { expected_parts: given, ...envelope } = body.envelope;
    const { name } = validate(CommitRequest, envelope);
    if (name !== undefined) checkName(name);
    const expected = readExpected(given);
    return { create: (once?: IdempotencyRecord<Committed>) => commit(id, name, expected, once), answer: answerOf };
  }

  async function commit(
    id: string,
    name: string | undefined,
    expected: Expected,
    once: IdempotencyRecord<Committed> | undefined,
  ): Promise<CreateResult<Committed>> {
    for (let tries = 0; tries < maxTries; tries++) {
      // Read before its parts: a part that arrives in between changes the revision, and the commit is retried.
      const fit = await fits.find(id);
      if (!fit) throw fitNotFound(id);
      const parts = (await fits.parts(id)).map(({ part }) => part).sort(comparePartNames);
      checkExpected(parts, expected);
      if (fit.committedAt) return { made: await committed(fit, parts.length, name) };
      if (parts.length === 0) throw new Problem('empty', 'The fit has no parts yet, so there is nothing to fit.');
      const document = await mergeParts(fit, parts, fits, pool);
      if (!document) continue;
      const { method } = JSON.parse(fit.normalizer);
      const expiresAt = new Date(Date.now() + fitLifetime * 1000).toISOString();
      const made = (after: PartialFit): Committed => ({ fit: after, parts: parts.length, document });
      const created = await fits.commit(
        id,
        { revision: fit.revision, document, name, method, expiresAt },
        once && { ...once, answer: (after) => once.answer(made(after)) },
      );
      if ('kept' in created) return created;
      if (created.made) return { made: made(created.made) };
    }
    throw new Problem('conflict', 'Parts are still arriving; commit after all of them have been uploaded.');
  }

  /** The result of an earlier commit. */
  async function committed(fit: PartialFit, parts: number, name: string | undefined): Promise<Committed> {
    if (name !== undefined && name !== fit.name) {
      const was = fit.name === null ? 'without a name' : `under the name "${fit.name}"`;
      throw problemAt(
        'conflict',
        '/name',
        `This fit has already been committed ${was}, and a fit is stored only once.`,
      );
    }
    const document = await fits.committed(fit.id);
    if (!document) throw fitNotFound(fit.id);
    return { fit, parts, document };
  }

  app.post('/v1/fits/:id/commit', {
    config: { access: 'write' },
    schema: {
      tags: ['fits'],
      summary: 'Commit a distributed fit',
      operationId: 'commit-fit',
      description:
        'Merges all parts into one fitted document, and stores it if a name is given. Parts are merged in the order of their names, so the result does not depend on the order of arrival, to the bit. Committing again returns the same result; a part sent after the commit is a 409.',
      params: fitParams,
      body: { content: { 'application/json': { schema: documented.meta({ examples: [{ expected_parts: 1 }] }) } } },
      response: {
        200: { description: 'The fitted document', content: { 'application/json': { schema: answer } } },
        ...failures(),
      },
    },
    handler: createIdempotently(store.answers, answerLifetime, prepare),
  });
}

function answerOf({ fit: { id, committedAt, name, version }, parts, document }: Committed) {
  const stored = name !== null && version !== null ? { name, version } : undefined;
  return {
    status: 200,
    location: stored ? locationOf(stored) : null,
    body: jsonWithFitted({ id, committed_at: committedAt, n_parts: parts, ...stored }, document),
  };
}
