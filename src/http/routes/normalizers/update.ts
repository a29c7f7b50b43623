import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { Problem, problemAt } from '#errors.ts';
import { allowConstants, withOnConstant } from '#normalizers/composition/on-constant.ts';
import { whyUnmergeable } from '#normalizers/composition/parts.ts';
import type { IdempotencyRecord } from '#store/idempotent-answers.ts';
import type { VersionDetails } from '#store/version-details.ts';
import { formatShape } from '#tensor/shape.ts';
import { fitDocument } from '#engine/fits/fit-document.ts';
import type { StoreContext } from '#http/context.ts';
import { readImported } from './import-fitted.ts';
import { dataSchema } from '#http/openapi/data-call-schema.ts';
import { expectedVersion, notExpected } from '#http/headers/etag.ts';
import { fitExample } from '#http/openapi/request-examples.ts';
import type { Body } from '#formats/reader.ts';
import { columnsToNames } from '#formats/json/fitted/fitted-document.ts';
import { writeFittedTask } from '#formats/json/fitted/fitted-document.task.ts';
import { mergeDocumentsTask } from '#engine/fits/merge-documents.task.ts';
import { summarizeTask } from '#lineage/summary.task.ts';
import { createIdempotently } from '#http/response/idempotency.ts';
import { createKeyedQueue } from '#http/versions/keyed-queue.ts';
import { chooseFormat } from '#http/headers/accept.ts';
import { bindData } from '#http/request/bind-data.ts';
import { checkRequest, fitMembers, readRequest, buildCall, type RequestBody } from '#http/request/read-call.ts';
import { fitted, Statistics, TensorDocument, Warning } from '#http/openapi/schemas.ts';
import { versionNotFound, type CachedNormalizer } from '#http/normalizer-cache.ts';
import { checkName, nameParams, parseTarget } from './params.ts';
import { splitStoring, type Storing, storingMembers } from '#http/versions/storing.ts';
import { type StoredVersion, storeVersion } from '#http/versions/store-version.ts';
import { previewMembers, storedVersionAnswer } from '#http/versions/stored-version.ts';

/** Times that an update begins anew because another replica was faster. */
const maxTries = 100;

const dataMembers = fitMembers.omit({ normalizer: true, profile: true });

const updateMembers = {
  base: z
    .union([z.int32().min(1), z.string()])
    .optional()
    .meta({ description: 'The version that the data are merged into: a number or an alias. Default: the newest.' }),
  if_version: z
    .int32()
    .min(1)
    .optional()
    .meta({ description: 'The number that this version must have; otherwise 412.' }),
};

const members = dataMembers.extend({
  data: TensorDocument.optional(),
  fitted: fitted.optional(),
  ...storingMembers,
  ...updateMembers,
});

const answer = z.object({
  name: z.string(),
  version: z.int(),
  created_at: z.string(),
  fitted: fitted.optional(),
  statistics: z.object({ input: Statistics }).optional(),
  warnings: z.array(Warning).optional(),
  ...previewMembers,
});

/** What is merged in. */
interface Addition {
  document: Uint8Array;
  /** Members of the answer, as JSON text without braces. */
  rest: string;
  returnsFitted: boolean;
}

interface Update {
  name: string;
  /** As the request names the version; undefined for the newest, and then the result follows the newest whatever comes between. */
  base: number | string | undefined;
  expected: number | null | undefined;
  /** The normalizer of the version when the request came. */
  start: CachedNormalizer;
  addition: Addition;
  storing: Storing;
}

/** Thrown to take a transaction back: the newest version is not the one that was merged into. */
const outrun = new Problem('conflict', 'Other updates keep coming: try again.');

/** Merging new data into a stored normalizer. */
export function addUpdateRoute(app: FastifyInstance, resources: StoreContext): void {
  const { store, pool, limit, answerLifetime } = resources;
  const inTurn = createKeyedQueue();

  async function prepare(request: FastifyRequest) {
    const name = checkName((request.params as { name: string }).name);
    chooseFormat(request, ['json']);
    const { storing: given, body } = splitStoring(await readRequest(request, resources), updateMembers);
    const { base, if_version: ifVersion, ...storing } = given;
    const expected = expectedVersion(request, ifVersion);
    const start = await resources.find(name, parseBase(name, base));
    checkExpected(expected, start.version.version);
    checkMerges(start);
    const addition = await (body.input || body.table ? fit(body, start, request.cancelled) : take(body, start));
    const update: Update = { name, base, expected, start, addition, storing };
    // One after the other within a replica, so that they do not outrun each other.
    let merged: Uint8Array | undefined;
    return {
      create: (once?: IdempotencyRecord<StoredVersion>) =>
        inTurn(name, () => mergeAndStore(request, update, once, (document) => (merged = document))),
      answer: (made: StoredVersion) =>
        storedVersionAnswer(made, addition.returnsFitted ? merged : undefined, addition.rest),
    };
  }

  async function fit(body: RequestBody, { fitted: into }: CachedNormalizer, cancelled: AbortSignal): Promise<Addition> {
    const read = await checkRequest(body, dataMembers, resources);
    // A slice may be constant in these data and not in all of them.
    const normalizer = allowConstants(read.table ? columnsToNames(into) : into.normalizer);
    const asked = { ...buildCall('fit', read.envelope, 'json', { normalizer }), profile: true };
    const { call, input } = await bindData(asked, read, 'json', resources);
    const { fitted: found, document, rest } = await fitDocument(call, input, pool.withSignal(cancelled).run, limit);
    const [is, was] = [found.input.shape, into.input.shape].map(formatShape);
    if (!read.table && is !== was)
      throw problemAt('shape_mismatch', '/data', `The data have shape ${is}; this normalizer was fitted on ${was}.`);
    return { document, rest, returnsFitted: call.include.includes('fitted') };
  }

  async function take(body: Body, { fitted: into }: CachedNormalizer): Promise<Addition> {
    if (!body.fitted && !('fitted' in body.envelope))
      throw problemAt('invalid_request', '', 'Give data, or a fitted document, to merge into the version.');
    const given = readImported(body);
    const addition = withOnConstant(given, into.normalizer);
    const document = await pool.run(writeFittedTask, addition);
    return { document, rest: '', returnsFitted: true };
  }

  async function mergeAndStore(
    request: FastifyRequest,
    update: Update,
    once: IdempotencyRecord<StoredVersion> | undefined,
    onMerged: (document: Uint8Array) => void,
  ) {
    const { name, base, expected, storing } = update;
    for (let tries = 0; tries < maxTries; tries++) {
      const into = await store.versions.details(name, parseBase(name, base));
      if (!into) throw versionNotFound(name, base);
      checkExpected(expected, into.version);
      const document = await mergeInto(into, update);
      if (!document) continue;
      onMerged(document);
      const { method } = into;
      const summary = await pool.run(summarizeTask, document);
      const labels = {
        description: storing.description ?? into.description ?? undefined,
        tags: storing.tags ?? into.tags,
      };
      try {
        return await storeVersion(
          request,
          resources,
          { name, method, document, summary },
          { ...storing, ...labels },
          {
            once,
            action: 'update_version',
            check(newest) {
              if (base === undefined && newest?.version !== into.version) throw outrun;
            },
          },
        );
      } catch (error) {
        if (error !== outrun) throw error;
      }
    }
    throw outrun;
  }

  /** The document of a version and what is added to it, merged; undefined when the version is gone meanwhile. */
  async function mergeInto(
    { name, version }: VersionDetails,
    { start, addition, storing }: Update,
  ): Promise<Uint8Array | undefined> {
    const document = await store.versions.read(name, version);
    if (!document) return undefined;
    const documents = [document, addition.document];
    try {
      return await pool.run(mergeDocumentsTask, {
        documents,
        asked: start.fitted.normalizer,
        keepsProfile: storing.profile,
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.errors.length === 0) throw error;
      // The documents are no members of this request.
      throw new Problem(error.code, `This does not merge into version ${version} of "${name}": ${error.message}`);
    }
  }

  const description =
    'Merges new data, in any form that /v1/fit takes, or a fitted document into the newest version, or into the one that base names, and stores the result as the next version; description and tags are kept where none are given. Updates at the same time, on any replica, lose nothing: each result has seen what the one before has. With If-Match or if_version it is carried out only on that version.';
  app.post('/v1/normalizers/:name/update', {
    config: { access: 'write' },
    schema: {
      tags: ['normalizers'],
      summary: 'Merge new data into a stored normalizer',
      operationId: 'update',
      description,
      params: nameParams,
      ...dataSchema({ members, answers: ['json'], answer, example: { data: fitExample.data } }, 201),
    },
    handler: createIdempotently(store.answers, answerLifetime, prepare),
  });
}

function parseBase(name: string, base: Update['base']) {
  return parseTarget({ name, version: base === undefined ? undefined : String(base) }).version;
}

function checkExpected(expected: number | null | undefined, found: number): void {
  if (expected !== undefined && expected !== found) throw notExpected(expected, found);
}

/** @throws Problem not_mergeable before the data are read */
function checkMerges({ fitted: { normalizer, scope } }: CachedNormalizer): void {
  const why = whyUnmergeable(normalizer);
  if (why) throw new Problem('not_mergeable', why.reason);
  if (scope !== 'sample') return;
  throw new Problem(
    'not_mergeable',
    'Under sample scope the parameters belong to the samples of one batch: there is nothing to merge.',
  );
}
