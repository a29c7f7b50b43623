import { appendMembers } from '#http/response/fitted-json.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { listNames } from '#nearest-name.ts';
import { type Fitted, fittedLeaves } from '#normalizers/fitted-normalizer.ts';
import { Problem, problemAt } from '#errors.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { methodOf, Normalizer } from '#normalizers/normalizer.ts';
import { allowConstants } from '#normalizers/composition/on-constant.ts';
import { leavesOf } from '#normalizers/composition/parts.ts';
import { scopeOf } from '#normalizers/scope.ts';
import type { PutPartResult } from '#store/fits.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { formatShape } from '#tensor/shape.ts';
import { countElements } from '#tensor/source.ts';
import { samplesSeenToJson } from '#formats/json/fitted/fitted-document.ts';
import { fitDocument } from '#engine/fits/fit-document.ts';
import { resolveShape } from '#engine/unsized-source.ts';
import type { StoreContext } from '#http/context.ts';
import { dataSchema } from '#http/openapi/data-call-schema.ts';
import { fitExample } from '#http/openapi/request-examples.ts';
import { parseFitId, fitNotFound, parsePartName, partParams } from './params.ts';
import { bindData } from '#http/request/bind-data.ts';
import { fitMembers, readDataCall, buildCall } from '#http/request/read-call.ts';
import { Warning } from '#http/openapi/schemas.ts';

const members = fitMembers.pick({ sample_weight: true, groups: true });

const answer = z.object({
  part: z.string(),
  n_samples: z.int().meta({ description: 'Number of samples in the part.' }),
  n_samples_seen: z.unknown().meta({ description: 'As in a fitted document, for this part alone.' }),
  warnings: z.array(Warning),
});

/** Uploads parts of a distributed fit. */
export function addPartRoute(app: FastifyInstance, resources: StoreContext): void {
  const { store, pool, limit, fitLifetime } = resources;

  async function put(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const id = parseFitId(request.params);
    const part = parsePartName(request.params);
    const fit = await store.fits.find(id);
    if (!fit) throw fitNotFound(id);
    if (fit.committedAt) throw committed();
    const asked = Normalizer.parse(JSON.parse(fit.normalizer));
    const read = await readDataCall(request, { members, answers: ['json'] }, resources);
    // A slice may be constant in this part and not in all of the data.
    const normalizer = allowConstants(asked);
    const plain = {
      ...buildCall('fit', read.envelope, 'json', { normalizer }),
      statistics: false as const,
      profile: true,
    };
    const { call, input } = await bindData(plain, read, 'json', resources);
    const { shape } = input.source;
    checkScope(asked, shape.length);
    const { source, elementsSeen } = countElements(input.source);
    const { run } = pool.withSignal(request.cancelled);
    const { fitted, document, rest } = await fitDocument(call, { ...input, source }, run, limit);
    if (fittedLeaves(fitted).some(({ scope, states }) => scope === 'dataset' && !states)) {
      const detail = `${normalizer.method} with sample_weight does not merge: what its parts keep knows no weights. Fit all the data at once.`;
      throw problemAt('not_mergeable', '/sample_weight', detail);
    }
    const samples = resolveShape(shape, elementsSeen())[0] ?? 1;
    const kept = { part, samples, document, shape: JSON.stringify(shapeOf(fitted)) };
    throwRefused(id, kept, await store.fits.put(id, kept, fitLifetime));
    const counts = { part, n_samples: kept.samples, n_samples_seen: samplesSeenToJson(fitted) };
    return reply.type('application/json').serializer(String).send(appendMembers(counts, rest));
  }

  app.put('/v1/fits/:id/parts/:part', {
    config: { access: 'write' },
    schema: {
      tags: ['fits'],
      summary: 'Upload a part of the data',
      operationId: 'put-part',
      description:
        'Stores what the fit learns from this part under the name in the path; the data themselves are not stored. Uploading a part again replaces it, so a retry never counts twice. Parts may arrive in any order, concurrently, and at any replica.',
      params: partParams,
      ...dataSchema({ members, answers: ['json'], answer, example: { data: fitExample.data } }),
    },
    handler: put,
  });
}

/** @throws Problem not_mergeable if the parameters would belong to the samples of this part */
function checkScope(normalizer: CommonOptions, rank: number): void {
  const scopes = leavesOf(normalizer).map((leaf) => scopeOf(methodOf(leaf), reducedAxes(leaf.axis, rank)));
  if (scopes.length === 0 || scopes.includes('dataset')) return;
  throw problemAt(
    'not_mergeable',
    '/normalizer/axis',
    `For arrays of rank ${rank} this normalizer has sample scope: its parameters belong to the samples of one part, so there is nothing to merge.`,
  );
}

function committed(): Problem {
  return new Problem('conflict', 'This fit is committed and accepts no more parts.');
}

function throwRefused(id: string, { shape }: { shape: string }, put: PutPartResult): void {
  if (put === 'kept') return;
  if (put === 'no fit') throw fitNotFound(id);
  if (put === 'committed') throw committed();
  if (put === 'full') throw new Problem('conflict', 'This fit has reached the maximum number of parts.');
  throw problemAt(
    'shape_mismatch',
    '/data',
    `The part has ${shown(shape)}, the other parts have ${shown(put.otherShape)}.`,
  );
}

/** What all parts have alike: the shape of a sample, and the columns of a table in whatever order. */
function shapeOf({ input: { shape, columns } }: Fitted): unknown {
  return columns ? columns.toSorted() : shape;
}

/** A shape as messages show it, `null` being any length; or columns by name. */
function shown(shape: string): string {
  const parsed = JSON.parse(shape) as (number | null)[] | string[];
  const isNamed = typeof parsed.at(0) === 'string';
  return isNamed ? `the columns ${listNames(parsed as string[])}` : `shape ${formatShape(parsed as number[])}`;
}
