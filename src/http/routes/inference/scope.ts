import type { FastifyInstance } from 'fastify';
import type { StoreContext } from '#http/context.ts';
import { addInferRoutes } from './infer.ts';
import { addInferenceModelRoutes } from './models.ts';
import { addInferenceRepositoryRoutes } from './repository.ts';
import { addInferenceServerRoutes } from './server.ts';
import { addUnservedExtensions } from './unsupported.ts';

export interface InferenceParts {
  resources: StoreContext;
  version: string;
  isReady: () => boolean;
}

/**
 * The Open Inference Protocol under /v2: https://github.com/kserve/open-inference-protocol
 * A scope of its own that ignores the Content-Type, because clients send any, wrong ones and none.
 */
export async function addInferenceProtocol(
  app: FastifyInstance,
  { resources, version, isReady }: InferenceParts,
): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request) => {
      request.headers['content-type'] = 'application/octet-stream';
    });
    addInferenceServerRoutes(scope, version, isReady);
    addInferenceModelRoutes(scope, resources);
    addInferRoutes(scope, resources);
    addInferenceRepositoryRoutes(scope, resources);
    addUnservedExtensions(scope);
  });
}
