import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import { Problem } from '#errors.ts';
import { driftTask } from '#drift/drift.task.ts';
import { driftWindowTask } from '#drift/drift-window.task.ts';
import { spanMs } from '#drift/monitor.ts';
import { validate } from '#formats/validate.ts';
import { formats } from '#formats/formats.ts';
import { duration } from '#config/setting-types.ts';
import type { Call } from '#engine/plan-call.ts';
import type { StoreContext } from '#http/context.ts';
import { dataSchema } from '#http/openapi/data-call-schema.ts';
import { DriftDocument, DriftWindow } from '#http/openapi/drift-schema.ts';
import { fitExample } from '#http/openapi/request-examples.ts';
import { loadShared } from '#compare/shared-input.ts';
import { bindData } from '#http/request/bind-data.ts';
import { readDataCall } from '#http/request/read-call.ts';
import { failures } from '#http/openapi/schemas.ts';
import { reportPolicy } from '#http/response/report-policy.ts';
import { versionNotFound } from '#http/normalizer-cache.ts';
import { parseTarget } from './params.ts';
import { storedPaths } from './normalizers.ts';

const answers = ['json', 'svg', 'html'] as const;

const WindowQuery = z.strictObject({
  window: duration.default(86_400).meta({
    type: 'string',
    description: 'How far back: a time such as 15m, 24h or 7d. Default 24h.',
    examples: ['24h'],
  }),
  alpha: z.coerce.number().gt(0).lt(1).default(0.05).meta({ description: 'The significance level. Default 0.05.' }),
});

const members = z.strictObject({
  alpha: z.number().gt(0).lt(1).default(0.05).meta({
    description: 'The significance level: the share of false alarms among the columns that are said to have drifted.',
  }),
});

const description =
  'Compares a batch with the profile of the data that the version was fitted on, column by column: PSI over the fitted deciles, Kolmogorov–Smirnov, the Wasserstein distance and the shift of the mean in σ, the ratio of the deviations, NaN and values out of range. The verdict rests on p-values that know both sample sizes and are corrected over columns, not on a threshold of PSI. `Accept: image/svg+xml` draws it, and `text/html` is a report. 409 where the version has no profile.';

/** Comparing a batch with the data that a stored normalizer was fitted on. */
export function addDriftRoutes(app: FastifyInstance, resources: StoreContext): void {
  const { store, limit } = resources;

  async function answerDrift(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const target = parseTarget(request.params);
    const { version, fitted } = await resources.find(target.name, target.version);
    const document = await store.versions.read(version.name, version.version);
    if (!document) throw versionNotFound(target.name, version.version);
    const read = await readDataCall(request, { members, answers }, resources);
    const { format, envelope } = read;
    const transform: Call = { operation: 'transform', fitted, statistics: false, include: [] };
    const { call, input } = await bindData(transform, read, 'json', resources);
    const { source } = await loadShared(input, limit);
    const { dtype, shape, bigEndian, buffer } = source;
    const text = await resources.pool.withSignal(request.cancelled).run(driftTask, {
      name: version.name,
      version: version.version,
      document,
      applied: call.fitted ?? fitted,
      places: call.table?.places,
      groups: call.groups,
      header: { dtype, shape, bigEndian },
      data: buffer,
      alpha: envelope.alpha,
      as: format,
    });
    reply.header('norma-version', version.version);
    if (format === 'html') reply.header('content-security-policy', reportPolicy);
    return reply.type(formats[format].type).serializer(String).send(text);
  }

  async function answerWindow(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const target = parseTarget(request.params);
    const { window, alpha } = validate(WindowQuery, request.query);
    const version = await store.versions.find(target.name, target.version);
    const document = version && (await store.versions.read(version.name, version.version));
    if (!document) throw versionNotFound(target.name, target.version);
    if (!resources.monitor)
      throw new Problem('not_implemented', 'Transforms are not counted here: NORMA_MONITOR is off.');
    await resources.monitor.flush();
    // A span that began before is in the window with its end.
    const from = new Date(Date.now() - window * 1000 - spanMs).toISOString();
    const counts = await store.transformCounts.since(version.name, version.version, from);
    const { name, version: number } = version;
    const text = await resources.pool
      .withSignal(request.cancelled)
      .run(driftWindowTask, { name, version: number, document, counts, window, alpha });
    return reply.type('application/json').header('norma-version', number).serializer(String).send(text);
  }

  for (const { path, of, id, params } of storedPaths) {
    app.get(`${path}/drift`, {
      config: { access: 'read' },
      schema: {
        tags: ['normalizers'],
        summary: `Compare what ${of} transformed lately with what it was fitted on`,
        operationId: `drift-window${id}`,
        description:
          'Every transform is counted by the fitted decile that its values fall into, on every replica. This compares the counts of a window of time with the shares of the fit: PSI, and p-values of χ². Counts are kept for NORMA_MONITOR_TTL, in spans of five minutes.',
        params,
        querystring: WindowQuery,
        response: {
          200: { description: 'The comparison', content: { 'application/json': { schema: DriftWindow } } },
          ...failures(),
        },
      } satisfies FastifyZodOpenApiSchema,
      handler: answerWindow,
    });
    app.post(`${path}/drift`, {
      config: { access: 'read' },
      schema: {
        tags: ['normalizers'],
        summary: `Compare a batch with what ${of} was fitted on`,
        operationId: `drift${id}`,
        description,
        params,
        ...dataSchema({ members, answers, answer: DriftDocument, example: { data: fitExample.data } }),
      },
      handler: answerDrift,
    });
  }
}
