import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { Axis } from '#tensor/axis.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { leavesOf, whyUnmergeable } from '#normalizers/composition/parts.ts';
import type { IdempotencyRecord } from '#store/idempotent-answers.ts';
import type { Part, PartialFit } from '#store/fits.ts';
import type { StoreContext } from '#http/context.ts';
import { validate } from '#formats/validate.ts';
import { fitParams, parseFitId, fitNotFound } from './params.ts';
import { createIdempotently } from '#http/response/idempotency.ts';
import { chooseFormat } from '#http/headers/accept.ts';
import { comparePartNames } from './part-order.ts';
import { readRequest } from '#http/request/read-call.ts';
import { failures, normalizer } from '#http/openapi/schemas.ts';

const FitRequest = z.strictObject({ normalizer });

const FitDocument = z
  .object({
    id: z.string().meta({ description: 'Unguessable; anyone who has it may upload parts.' }),
    normalizer,
    parts: z
      .array(z.object({ part: z.string(), n_samples: z.int(), created_at: z.string() }))
      .meta({ description: 'The parts so far, in the order in which they are merged.' }),
    n_samples: z.int().meta({ description: 'Number of samples in all parts so far.' }),
    created_at: z.string(),
    expires_at: z.string().meta({ description: 'Each new part extends it.' }),
    committed_at: z.string().nullable(),
    name: z.string().nullable().meta({ description: 'The name under which the commit stored it, if any.' }),
    version: z.int().nullable(),
  })
  .meta({ id: 'FitInParts', description: 'A distributed fit: its data arrive in parts, possibly from many machines.' });

/** Starts, shows and aborts distributed fits. */
export function addFitRoutes(app: FastifyInstance, resources: StoreContext): void {
  const { store, answerLifetime, fitLifetime } = resources;

  async function prepare(request: FastifyRequest) {
    chooseFormat(request, ['json']);
    const { envelope, input, table } = await readRequest(request, resources, true);
    if (input || table)
      throw problemAt('invalid_request', '/data', 'Starting a fit takes no data; send them as parts afterwards.');
    const { normalizer: asked } = validate(FitRequest, envelope);
    checkMerges(asked);
    const fit = {
      id: randomBytes(18).toString('base64url'),
      normalizer: JSON.stringify(asked),
      ttlSeconds: fitLifetime,
      createdBy: request.caller?.name,
    };
    return {
      create: (once?: IdempotencyRecord<PartialFit>) => store.fits.create(fit, once),
      answer: (made: PartialFit) => ({
        status: 201,
        location: `/v1/fits/${made.id}`,
        body: Buffer.from(JSON.stringify(toDocument(made, []))),
      }),
    };
  }

  const begun =
    'Each machine then uploads its share of the data as a part, and a commit merges the parts into one fitted document.';
  app.post('/v1/fits', {
    config: { access: 'write' },
    schema: {
      tags: ['fits'],
      summary: 'Start a distributed fit',
      operationId: 'begin-fit',
      description: `Takes a normalizer, which must be mergeable. ${begun}`,
      body: {
        content: {
          'application/json': { schema: FitRequest.meta({ examples: [{ normalizer: { method: 'zscore' } }] }) },
        },
      },
      response: {
        201: { description: 'The new fit, without parts', content: { 'application/json': { schema: FitDocument } } },
        ...failures(),
      },
    },
    handler: createIdempotently(store.answers, answerLifetime, prepare),
  });

  app.get('/v1/fits/:id', {
    config: { access: 'read' },
    schema: {
      tags: ['fits'],
      summary: 'Get a distributed fit',
      operationId: 'fit-in-parts',
      description: 'The parts that have arrived so far, and whether the fit is committed.',
      params: fitParams,
      response: {
        200: { description: 'The fit and its parts', content: { 'application/json': { schema: FitDocument } } },
        ...failures(),
      },
    },
    handler: async (request, reply) => {
      const id = parseFitId(request.params);
      const fit = await store.fits.find(id);
      if (!fit) throw fitNotFound(id);
      const parts = await store.fits.parts(id);
      return reply.type('application/json').serializer(JSON.stringify).send(toDocument(fit, parts));
    },
  });

  app.delete('/v1/fits/:id', {
    config: { access: 'write' },
    schema: {
      tags: ['fits'],
      summary: 'Abort a distributed fit',
      operationId: 'delete-fit',
      description: 'Deletes the fit and its parts. A normalizer that its commit stored is kept.',
      params: fitParams,
      response: { 204: { description: 'Deleted' }, ...failures() },
    },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const id = parseFitId(request.params);
      if (await store.fits.remove(id)) return reply.code(204).send();
      throw fitNotFound(id);
    },
  });
}

/** @throws Problem not_mergeable for what cannot be fitted in parts, as far as can be known without data */
function checkMerges(normalizer: CommonOptions): void {
  const why = whyUnmergeable(normalizer);
  if (why) throw problemAt('not_mergeable', `/normalizer${why.pointer}`, why.reason);
  if (leavesOf(normalizer).every(({ axis }) => isPositive(axis))) {
    throw problemAt(
      'not_mergeable',
      '/normalizer/axis',
      'The axes must include axis 0: otherwise the parameters belong to the samples of one part, and there is nothing to merge.',
    );
  }
}

/** Whether no axis is 0, however many there are. */
function isPositive(axis: Axis): boolean {
  const axes = axis === null ? [] : [axis].flat();
  return axes.length > 0 && axes.every((one) => one > 0);
}

function toDocument(fit: PartialFit, parts: readonly Part[]) {
  const sorted = parts.toSorted((a, b) => comparePartNames(a.part, b.part));
  return {
    id: fit.id,
    normalizer: JSON.parse(fit.normalizer),
    parts: sorted.map(({ part, samples, createdAt }) => ({ part, n_samples: samples, created_at: createdAt })),
    n_samples: parts.reduce((sum, { samples }) => sum + samples, 0),
    created_at: fit.createdAt,
    expires_at: fit.expiresAt,
    committed_at: fit.committedAt,
    name: fit.name,
    version: fit.version,
  };
}
