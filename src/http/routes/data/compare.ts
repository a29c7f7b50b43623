import { renderTask } from '#compare/render.task.ts';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { Normalizer } from '#normalizers/normalizer.ts';
import { formats } from '#formats/formats.ts';
import { compare } from '#compare/compare.ts';
import type { ServiceContext } from '#http/context.ts';
import { Comparison } from '#http/openapi/comparison-schema.ts';
import { reportPolicy } from '#http/response/report-policy.ts';
import { curlCommand } from '#http/response/curl-command.ts';
import { dataSchema } from '#http/openapi/data-call-schema.ts';
import { loadShared } from '#compare/shared-input.ts';
import { bindData } from '#http/request/bind-data.ts';
import { givenLabels, labelMembers } from '#http/request/label-members.ts';
import { readDataCall, buildCall } from '#http/request/read-call.ts';
import { sampleWeight, statistics } from '#http/openapi/schemas.ts';
import { compareExample } from '#http/openapi/wine-example.ts';

/** Normalizers that one call compares at most. */
const maxNormalizers = 16;

const normalizers = z.array(Normalizer).min(1).max(maxNormalizers).optional().meta({
  description:
    'The normalizers to compare. By default those that suit the data, and first the data as they are: for a matrix min-max, z-score, robust and power per feature; for uint8 and for more than two axes min-max and z-score over the whole array, and z-score per position; and the L2 norm of each sample.',
});

const members = z.strictObject({ normalizers, ...labelMembers, sample_weight: sampleWeight, statistics });

const description = `Says which normalization to use on these data, and on what that rests. The answer begins with a recommendation for each family of models: three sentences, the normalizers to choose from, the reasons, and what would be dangerous. Without \`labels\` it rests on the data: the scales of the columns, their tails, outliers and zeros, the spectrum of a linear model's Hessian. With \`labels\` each normalizer is fitted inside each training fold and tried with k-nearest neighbors, nearest centroid, a linear model and networks trained by gradient descent; what does not differ by an exact McNemar test is said not to. Up to 20,000 samples are used as they are; of more, as many are drawn with a fixed seed, and the answer says so.

Then follow, for the input and for each normalizer, the statistics and a histogram of the whole array (64 bins, or as \`statistics.histogram\` says); the effect on zeros, on the order of the values, on the samples' magnitudes and on outliers; and the warnings that /v1/normalize gives. \`Accept: text/html\` is a readable report, and \`image/svg+xml\` draws the distributions.

The example is a third of the wine data of the UCI repository (Forina et al. 1988, CC BY 4.0).

A normalizer that cannot be computed on these data (such as Box-Cox of a value that is not positive) is returned as its \`problem\`, without affecting the others; if none can be computed, the response is 422. \`sample_weight\` is passed to the methods that support it. The data are read once and held in memory: 413 beyond NORMA_BODY_LIMIT.`;

const answers = ['json', 'svg', 'html'] as const;

/** The report comes first in the document, so that the page at /docs shows it by one click. */
const documented = ['html', 'json', 'svg'] as const;

/** Several normalizers side by side on the same data. */
export function addCompareRoute(app: FastifyInstance, resources: ServiceContext): void {
  const { limit } = resources;
  app.post('/v1/compare', {
    config: { access: 'read' },
    schema: {
      tags: ['data'],
      summary: 'Which normalization should I use? Compare them on your data',
      description,
      operationId: 'compare',
      ...dataSchema({ members, answers: documented, answer: Comparison, example: compareExample }),
    },
    handler: async (request, reply) => {
      const pool = resources.pool.withSignal(request.cancelled);
      const read = await readDataCall(request, { members, answers }, resources);
      const { format, envelope } = read;
      const described = buildCall('describe', envelope, 'json');
      const bound = await bindData(described, read, 'json', resources);
      const { statistics, sampleWeight } = bound.call;
      const { normalizers } = envelope;
      const labels = givenLabels(envelope, bound);
      const call = { normalizers, statistics, sampleWeight, labels, schema: read.table?.schema };
      const isWanted = () => !request.cancelled.aborted;
      const shared = await loadShared(bound.input, limit);
      const comparison = await compare(call, shared, pool.run, limit, isWanted);
      const accept = formats[format].type;
      const again = curlCommand(request, { envelope, input: shared, accept });
      const text = await pool.run(renderTask, { comparison, as: format, request: again });
      if (format === 'html') reply.header('content-security-policy', reportPolicy);
      return reply.type(accept).serializer(String).send(text);
    },
  });
}
