import { createHash } from 'node:crypto';
import { reportStyle } from '#plots/report-style.ts';
import { renderTask } from '#compare/render.task.ts';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { Normalizer } from '#normalizers/normalizer.ts';
import { formats } from '#formats/formats.ts';
import { compare } from '#compare/compare.ts';
import type { ServiceContext } from '#http/context.ts';
import { Comparison } from '#http/openapi/comparison-schema.ts';
import { curlCommand } from '#http/response/curl-command.ts';
import { dataSchema } from '#http/openapi/data-call-schema.ts';
import { compareExample } from '#http/openapi/request-examples.ts';
import { loadShared } from '#compare/shared-input.ts';
import { bindData } from '#http/request/bind-data.ts';
import { readDataCall, buildCall } from '#http/request/read-call.ts';
import { sampleWeight, statistics } from '#http/openapi/schemas.ts';

const styleHash = createHash('sha256').update(reportStyle).digest('base64');

/** What the report may do in a browser: show itself, in its own style, and nothing else. */
const reportPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Normalizers that one call compares at most. */
const maxNormalizers = 16;

/** The normalizers compared by default. */
const usual = [
  { method: 'minmax', axis: null },
  { method: 'zscore', axis: null },
  { method: 'norm', axis: -1, order: 2 },
].map((normalizer) => Normalizer.parse(normalizer));

const normalizers = z.array(Normalizer).min(1).max(maxNormalizers).optional().meta({
  description:
    'The normalizers to compare. Default: min-max to [0, 1] and z-score, both over the whole array, and the L2 norm along the last axis.',
});

const members = z.strictObject({ normalizers, sample_weight: sampleWeight, statistics });

const description = `Applies several normalizers to the same data, to help choose one. Returns, for the input and for each normalizer, the statistics and a histogram of the whole array (64 bins, or as \`statistics.histogram\` says); the effect on zeros, on the order of the values, on the samples' magnitudes and on outliers; and the warnings that /v1/normalize gives. \`Accept: image/svg+xml\` draws the distributions, and \`text/html\` is a readable report with a table of the statistics and what each method preserves and loses.

A normalizer that cannot be computed on these data (such as Box-Cox of a value that is not positive) is returned as its \`problem\`, without affecting the others; if none can be computed, the response is 422. \`sample_weight\` is passed to the methods that support it. The data are read once and held in memory: 413 beyond NORMA_BODY_LIMIT.`;

const answers = ['json', 'svg', 'html'] as const;

/** Several normalizers side by side on the same data. */
export function addCompareRoute(app: FastifyInstance, resources: ServiceContext): void {
  const { limit } = resources;
  app.post('/v1/compare', {
    config: { access: 'read' },
    schema: {
      tags: ['data'],
      summary: 'Compare normalizers on one batch',
      description,
      operationId: 'compare',
      ...dataSchema({ members, answers, answer: Comparison, example: compareExample }),
    },
    handler: async (request, reply) => {
      const pool = resources.pool.withSignal(request.cancelled);
      const read = await readDataCall(request, { members, answers }, resources);
      const { format, envelope } = read;
      const described = buildCall('describe', envelope, 'json');
      const { call: bound, input } = await bindData(described, { ...read, hasStatisticsAxis: true }, 'json', resources);
      const { statistics, sampleWeight } = bound;
      const call = { normalizers: envelope.normalizers ?? usual, statistics, sampleWeight };
      const isWanted = () => !request.cancelled.aborted;
      const shared = await loadShared(input, limit);
      const comparison = await compare(call, shared, pool.run, limit, isWanted);
      const accept = formats[format].type;
      const again = curlCommand(request, { envelope, input: shared, accept });
      const text = await pool.run(renderTask, { comparison, as: format, request: again });
      if (format === 'html') reply.header('content-security-policy', reportPolicy);
      return reply.type(accept).serializer(String).send(text);
    },
  });
}
