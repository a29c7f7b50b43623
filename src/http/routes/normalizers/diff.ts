import type { FastifyInstance } from 'fastify';
import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import { validate } from '#formats/validate.ts';
import { formats } from '#formats/formats.ts';
import type { StoreContext } from '#http/context.ts';
import { diffTask } from '#lineage/diff.task.ts';
import { chooseFormat } from '#http/headers/accept.ts';
import { reportPolicy } from '#http/response/report-policy.ts';
import { failures } from '#http/openapi/schemas.ts';
import { versionNotFound } from '#http/normalizer-cache.ts';
import { nameParams, parseTarget } from './params.ts';

const reference = z
  .string()
  .meta({ description: 'A version: its number, an alias, or "latest".', examples: ['latest'] });

const Query = z.strictObject({
  from: reference,
  to: reference.default('latest').meta({ description: 'A version. Default latest.', examples: ['latest'] }),
});

const Change = z.object({ name: z.string(), from: z.unknown(), to: z.unknown() });

const DiffDocument = z
  .object({
    name: z.string(),
    from: z.int(),
    to: z.int(),
    options: z.array(Change).meta({ description: 'Options of the normalizer that differ, method among them.' }),
    input: z.array(Change).meta({ description: 'What differs of the input: dtype, shape, columns.' }),
    n_samples_seen: z.object({ from: z.unknown(), to: z.unknown() }),
    parameters: z.array(
      z.object({
        name: z.string(),
        n_changed: z.int(),
        largest_change: z.number().nullable().meta({ description: 'In units of the older scale.' }),
        columns: z.array(
          z.object({
            column: z.unknown().meta({ description: 'Its name, or its index; null where there is one slice alone.' }),
            from: z.number().nullable(),
            to: z.number().nullable(),
            change: z.number().nullable(),
            change_in_scale: z.number().nullable(),
          }),
        ),
      }),
    ),
    not_comparable: z.array(z.string()).meta({ description: 'Parameters that only one of them has.' }),
  })
  .meta({ id: 'Diff', description: 'What changed from one version to another; of each parameter the largest first.' });

/** What changed from one version of a stored normalizer to another. */
export function addDiffRoute(app: FastifyInstance, { store: { versions }, pool }: StoreContext): void {
  async function read(name: string, version: string) {
    const target = parseTarget({ name, version });
    const found = await versions.find(name, target.version);
    const document = found && (await versions.read(name, found.version));
    if (!document) throw versionNotFound(name, version);
    return { version: found.version, document };
  }

  app.get('/v1/normalizers/:name/diff', {
    config: { access: 'read' },
    schema: {
      tags: ['normalizers'],
      summary: 'Compare two versions',
      operationId: 'diff',
      params: nameParams,
      description:
        'What changed in options, input and each parameter, by column, also in units of the older scale. `Accept: text/html` is a page to read.',
      querystring: Query,
      response: {
        200: {
          description: 'The difference',
          content: { 'application/json': { schema: DiffDocument }, 'text/html': { schema: z.string() } },
        },
        ...failures(),
      },
    } satisfies FastifyZodOpenApiSchema,
    handler: async (request, reply) => {
      const as = chooseFormat(request, ['json', 'html']);
      const { name } = parseTarget(request.params);
      const query = validate(Query, request.query);
      const [from, to] = await Promise.all([read(name, query.from), read(name, query.to)]);
      const text = await pool.withSignal(request.cancelled).run(diffTask, {
        name,
        from: from.version,
        to: to.version,
        documents: [from.document, to.document],
        as,
      });
      if (as === 'html') reply.header('content-security-policy', reportPolicy);
      return reply.type(formats[as].type).serializer(String).send(text);
    },
  });
}
