import { exportTask } from '#interop/export.task.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import { problemAt } from '#errors.ts';
import { dtypes } from '#tensor/dtype.ts';
import { SklearnEstimator } from '#interop/sklearn/import.ts';
import type { StoreContext } from '#http/context.ts';
import { validate } from '#formats/validate.ts';
import { failures, outputDtype } from '#http/openapi/schemas.ts';
import { parseTarget } from './params.ts';
import { locationOf } from '#http/versions/version-location.ts';
import { storedPaths } from './normalizers.ts';

const Query = z.strictObject({
  format: z.enum(['onnx', 'sklearn']).meta({
    description: 'onnx is a model file; sklearn is the estimator as JSON, with Python code that rebuilds it.',
    examples: ['sklearn'],
  }),
  operation: z
    .enum(['transform', 'inverse_transform'])
    .optional()
    .meta({ description: 'What the ONNX model computes. Default transform.' }),
  input_dtype: z.enum(dtypes).optional().meta({
    description:
      "Dtype of the ONNX model's input. Default: the fitted dtype, or for the inverse the dtype that transform returns.",
  }),
  output_dtype: outputDtype,
});

const binary = z.unknown().meta({ type: 'string', format: 'binary' });

/** Exports stored normalizers to ONNX and scikit-learn. */
export function addExportRoutes(app: FastifyInstance, { find, pool }: StoreContext): void {
  async function answerExport(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const target = parseTarget(request.params);
    const { format, operation, input_dtype, output_dtype } = validate(Query, request.query);
    const options = {
      operation: operation ?? 'transform',
      inputDtype: input_dtype,
      outputDtype: output_dtype,
    } as const;
    const [unread] =
      Object.entries({ operation, input_dtype, output_dtype }).find(([, value]) => value !== undefined) ?? [];
    if (format === 'sklearn' && unread)
      throw problemAt(
        'invalid_request',
        `/${unread}`,
        `format=sklearn does not support ${unread}: an estimator has both transform and inverse_transform.`,
      );
    const { version, fitted } = await find(target.name, target.version);
    const task = format === 'onnx' ? ({ format, options } as const) : ({ format } as const);
    const bytes = await pool.withSignal(request.cancelled).run(exportTask, { fitted, ...task });
    const suffix = format === 'onnx' ? `${operation === 'inverse_transform' ? '-inverse' : ''}.onnx` : '.sklearn.json';
    return reply
      .header('content-location', `${locationOf(version)}/export?${new URLSearchParams(request.query as never)}`)
      .header('content-disposition', `attachment; filename="${version.name}-${version.version}${suffix}"`)
      .type(format === 'onnx' ? 'application/octet-stream' : 'application/json')
      .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  for (const { path, of, id, params } of storedPaths) {
    app.get(`${path}/export`, {
      config: { access: 'read' },
      schema: {
        tags: ['normalizers'],
        summary: `Export ${of} of a stored normalizer`,
        operationId: `export${id}`,
        description:
          'As an ONNX model with input `input` and output `output`, a free batch dimension, and float64 arithmetic between casts. Or as a scikit-learn estimator: class, params, attributes, and a Python snippet that rebuilds it; POST /v1/normalizers/{name}/versions accepts the same document. 422 if ONNX has no operators for it or scikit-learn no class.',
        params,
        querystring: Query,
        response: {
          200: {
            description: 'The ONNX model or the scikit-learn estimator',
            content: {
              'application/octet-stream': { schema: binary },
              'application/json': { schema: SklearnEstimator },
            },
          },
          ...failures(),
        },
      } satisfies FastifyZodOpenApiSchema,
      handler: answerExport,
    });
  }
}
