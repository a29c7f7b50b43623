import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { recorderFor } from '#engine/monitoring/counting.ts';
import { sendAnswer } from '#http/response/answer-call.ts';
import type { StoreContext } from '#http/context.ts';
import { dataSchema } from '#http/openapi/data-call-schema.ts';
import { bindData } from '#http/request/bind-data.ts';
import { readDataCall, buildCall } from '#http/request/read-call.ts';
import { parseTarget } from './params.ts';
import { type DataRoute, inverseRoute, transformRoute } from '#http/routes/data/data.ts';
import { storedPaths } from './normalizers.ts';

/** Transforms and inverse-transforms with a stored normalizer, as if its document were in the request. */
export function addStoredCallRoutes(app: FastifyInstance, resources: StoreContext): void {
  for (const { route, action } of [
    { route: transformRoute, action: 'Transform a batch' },
    { route: inverseRoute, action: 'Take a transform back' },
  ]) {
    const { name } = route;
    const withoutFitted = { ...route, members: route.members.omit({ fitted: true }), example: exampleOf(route) };
    for (const { path, of, id, params } of storedPaths) {
      app.post(`${path}/${name}`, {
        config: { access: 'read' },
        schema: {
          tags: ['normalizers'],
          operationId: `stored-${name}${id}`,
          summary: `${action} with ${of} of a stored normalizer`,
          description: `${route.description} The header Norma-Version tells the version.`,
          params,
          ...dataSchema(withoutFitted),
        },
        handler: answersStoredCall(withoutFitted, resources),
      });
    }
  }
}

function answersStoredCall({ operation, members, answers }: DataRoute, resources: StoreContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const target = parseTarget(request.params);
    const { version, fitted, recorder } = await resources.find(target.name, target.version);
    const read = await readDataCall(request, { members, answers }, resources);
    const call = buildCall(operation, read.envelope, read.format, { fitted });
    const bound = await bindData(call, read, read.format, resources);
    request.timeline.stored = { name: version.name, version: version.version };
    reply.header('norma-version', version.version);
    const counted = operation === 'transform' && recorder ? recorderFor(recorder, bound.call) : undefined;
    return sendAnswer({ ...bound, format: read.format, recorder: counted }, reply, resources);
  };
}

function exampleOf({ example: { data } }: DataRoute): Record<string, unknown> {
  return { data };
}
