import type { FastifyInstance } from 'fastify';
import { Problem } from '#errors.ts';

const model = ['/v2/models/:name', '/v2/models/:name/versions/:version'];

/** Extensions of Triton's clients that do not apply to a normalizer. */
const unserved = [
  ...model.flatMap((path) => [`${path}/stats`, `${path}/generate`, `${path}/generate_stream`]),
  '/v2/models/:name/trace/setting',
  '/v2/trace/setting',
  '/v2/logging',
  ...['system', 'cuda'].map((kind) => `/v2/${kind}sharedmemory/*`),
];

/** Answers unsupported extensions with 501, so that clients can tell them from a wrong path. */
export function addUnservedExtensions(app: FastifyInstance): void {
  for (const path of unserved) {
    app.all(path, {
      config: { access: 'read' },
      compress: false,
      schema: { hide: true },
      handler: async () => {
        throw new Problem('not_implemented', 'This extension is not supported; GET /v2 lists those that are.');
      },
    });
  }
}
