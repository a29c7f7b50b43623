import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { Problem, problemAt } from '#errors.ts';
import type { CreateResult, IdempotencyRecord } from '#store/idempotent-answers.ts';
import type { PartialFit } from '#store/fits.ts';
import { summarizeTask } from '#lineage/summary.task.ts';
import { audit } from '#http/versions/audit.ts';
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
import { newVersion, refuseBreaking } from '#http/versions/store-version.ts';
import { type Storing, splitStoring, storingMembers } from '#http/versions/storing.ts';
import { withSummary } from '#http/versions/summaries.ts';
import { locationOf } from '#http/versions/version-location.ts';

/** Maximum retries of a commit because a part arrived while it merged. */
const maxTries = 10;

const CommitRequest = z.strictObject({ name: z.string().optional() });

const documented = z.object({
  name: Name.optional().meta({ description: 'Also store the normalizer under this name.' }),
  expected_parts: z
    .union([z.int().min(1), z.array(z.union([z.string(), z.int()]))])
    .optional()
    .meta({ description: 'The expected number of parts, or their names. Missing or additional parts are a 409.' }),
  description: storingMembers.description,
  tags: storingMembers.tags,
  breaking: storingMembers.breaking,
  profile: storingMembers.profile,
});

const answer = z.object({
  id: z.string(),
  committed_at: z.string(),
  n_parts: z.int(),
  name: z.string().optional(),
  version: z.int().optional(),
  fitted,
});

/** What a commit asks for. */
interface Wanted {
  id: string;
  name: string | undefined;
  expected: Expected;
  storing: Storing;
}

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
    const { storing, body: rest } = splitStoring(body, {});
    const { expected_parts: given, ...envelope } = rest.envelope;
    const { name } = validate(CommitRequest, envelope);
    if (name !== undefined) checkName(name);
    if (storing.dry_run) throw problemAt('invalid_request', '/dry_run', 'A commit has no dry run.');
    const unused = Object.keys(storing).find((member) => member !== 'profile');
    if (name === undefined && unused)
      throw problemAt('invalid_request', `/${unused}`, `${unused} is about a stored version: give its name, too.`);
    const expected = readExpected(given);
    return {
      create: (once?: IdempotencyRecord<Committed>) => commit(request, { id, name, expected, storing }, once),
      answer: answerOf,
    };
  }

  async function commit(
    request: FastifyRequest,
    { id, name, expected, storing }: Wanted,
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
      const keepsProfile = storing.profile ?? name !== undefined;
      const document = await mergeParts(fit, parts, fits, pool, keepsProfile);
      if (!document) continue;
      const { method } = JSON.parse(fit.normalizer);
      const made = (after: PartialFit): Committed => ({ fit: after, parts: parts.length, document });
      const version =
        name === undefined ? undefined : { name, method, document, summary: await pool.run(summarizeTask, document) };
      // What a version of an earlier release is compared by is not in its row yet.
      if (name !== undefined) await withSummary(await store.versions.details(name), resources);
      const created = await fits.commit(
        id,
        {
          revision: fit.revision,
          document,
          version: version && newVersion(request, version, storing),
          check: version && refuseBreaking(version, storing),
          ttlSeconds: fitLifetime,
        },
        once && { ...once, answer: (after) => once.answer(made(after)) },
      );
      if ('kept' in created) return created;
      if (!created.made) continue;
      if (name !== undefined) audit(request, 'store_version', { name, version: created.made.version, fit: id });
      return { made: made(created.made) };
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
